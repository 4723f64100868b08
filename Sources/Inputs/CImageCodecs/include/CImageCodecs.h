// The C libraries that read compressed images and compressed MATLAB elements: TurboJPEG, libpng's
// simplified interface and zlib. All three report failure by their return value; none of what is
// used here leaves by longjmp, which Swift could not survive.
#ifndef CIMAGECODECS_H
#define CIMAGECODECS_H

#include <png.h>
#include <turbojpeg.h>
#include <zlib.h>

#endif
