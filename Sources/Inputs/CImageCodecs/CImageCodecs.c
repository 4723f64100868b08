// The target is its header; the package manager asks for one source file.
#include "CImageCodecs.h"
