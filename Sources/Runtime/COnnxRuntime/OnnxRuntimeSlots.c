#include "COnnxRuntime.h"

#define SLOT(member, number)                                                  \
  _Static_assert(offsetof(OrtFunctions, member) == (number) * sizeof(void *), \
                 #member " is not in slot " #number)

SLOT(getErrorMessage, 2);
SLOT(createEnv, 3);
SLOT(disableTelemetryEvents, 6);
SLOT(createSession, 7);
SLOT(run, 9);
SLOT(createSessionOptions, 10);
SLOT(setGraphOptimisationLevel, 23);
SLOT(setIntraOpThreads, 24);
SLOT(setInterOpThreads, 25);
SLOT(sessionInputCount, 30);
SLOT(sessionOutputCount, 31);
SLOT(sessionInputType, 33);
SLOT(sessionOutputType, 34);
SLOT(sessionInputName, 36);
SLOT(sessionOutputName, 37);
SLOT(createTensor, 48);
SLOT(tensorData, 51);
SLOT(typeAsTensor, 55);
SLOT(tensorElementType, 60);
SLOT(tensorRank, 61);
SLOT(tensorShape, 62);
SLOT(tensorElementCount, 64);
SLOT(valueTypeAndShape, 65);
SLOT(allocatorFree, 76);
SLOT(defaultAllocator, 78);
SLOT(releaseEnv, 92);
SLOT(releaseStatus, 93);
SLOT(releaseSession, 95);
SLOT(releaseValue, 96);
SLOT(releaseTypeInfo, 98);
SLOT(releaseTensorInfo, 99);
SLOT(releaseSessionOptions, 100);
SLOT(addSessionConfigEntry, 130);
