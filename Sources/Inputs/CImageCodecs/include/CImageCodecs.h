// The C libraries that read compressed images and compressed MATLAB elements: TurboJPEG, libpng's
// simplified interface, libwebp and zlib. All report failure by their return value; none of what is
// used here leaves by longjmp, which Swift could not survive.
#ifndef CIMAGECODECS_H
#define CIMAGECODECS_H

#include <png.h>
#include <turbojpeg.h>
#include <webp/decode.h>
#include <webp/encode.h>
#include <zlib.h>

#endif
