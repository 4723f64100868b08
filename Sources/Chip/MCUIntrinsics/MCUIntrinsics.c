/* The module is its header. This file makes it a target and checks that the header stands alone. */
#include "MCUIntrinsics.h"
