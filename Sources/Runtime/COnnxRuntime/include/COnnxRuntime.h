// The slots of ONNX Runtime's C interface that RemoteEngine calls.
//
// The Python wheel carries the library without a header. Its function table only ever grows at the
// end, so a slot keeps its number for good; the numbers below are those of the published interface.
// OnnxRuntimeSlots.c asserts that each member lies in the slot it is meant for.

#ifndef AGILENN_C_ONNX_RUNTIME_H
#define AGILENN_C_ONNX_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

/// The interface version that is asked for. Every library from 1.21 on offers it.
#define ORT_REQUESTED_API_VERSION 21

typedef struct OrtStatus OrtStatus;
typedef struct OrtEnv OrtEnv;
typedef struct OrtSession OrtSession;
typedef struct OrtSessionOptions OrtSessionOptions;
typedef struct OrtRunOptions OrtRunOptions;
typedef struct OrtValue OrtValue;
typedef struct OrtTypeInfo OrtTypeInfo;
typedef struct OrtTensorTypeAndShapeInfo OrtTensorTypeAndShapeInfo;
typedef struct OrtAllocator OrtAllocator;

// Enumerations of the interface are C ints; these are the values that are used.
#define ORT_LOG_FATAL 4
#define ORT_OPTIMISE_ALL 99

/// A call returns NULL for success, else a status that the caller releases.
#define ORT_CALL(name, ...) OrtStatus *(*name)(__VA_ARGS__)
/// Slots that are not used.
#define ORT_SKIP(first, last) void *slots_##first##_##last[(last) - (first) + 1]

typedef struct OrtFunctions {
  ORT_SKIP(0, 1);
  /* 2 */ const char *(*getErrorMessage)(const OrtStatus *status);
  /* 3 */ ORT_CALL(createEnv, int logLevel, const char *logName, OrtEnv **out);
  ORT_SKIP(4, 5);
  /* 6 */ ORT_CALL(disableTelemetryEvents, const OrtEnv *env);
  /* 7 */ ORT_CALL(createSession, const OrtEnv *env, const char *path,
                   const OrtSessionOptions *options, OrtSession **out);
  ORT_SKIP(8, 8);
  /* 9 */ ORT_CALL(run, OrtSession *session, const OrtRunOptions *options,
                   const char *const *inputNames, const OrtValue *const *inputs, size_t inputCount,
                   const char *const *outputNames, size_t outputCount, OrtValue **outputs);
  /* 10 */ ORT_CALL(createSessionOptions, OrtSessionOptions **out);
  ORT_SKIP(11, 22);
  /* 23 */ ORT_CALL(setGraphOptimisationLevel, OrtSessionOptions *options, int level);
  /* 24 */ ORT_CALL(setIntraOpThreads, OrtSessionOptions *options, int count);
  /* 25 */ ORT_CALL(setInterOpThreads, OrtSessionOptions *options, int count);
  ORT_SKIP(26, 29);
  /* 30 */ ORT_CALL(sessionInputCount, const OrtSession *session, size_t *out);
  /* 31 */ ORT_CALL(sessionOutputCount, const OrtSession *session, size_t *out);
  ORT_SKIP(32, 32);
  /* 33 */ ORT_CALL(sessionInputType, const OrtSession *session, size_t index, OrtTypeInfo **out);
  /* 34 */ ORT_CALL(sessionOutputType, const OrtSession *session, size_t index, OrtTypeInfo **out);
  ORT_SKIP(35, 35);
  /* 36 */ ORT_CALL(sessionInputName, const OrtSession *session, size_t index,
                    OrtAllocator *allocator, char **out);
  /* 37 */ ORT_CALL(sessionOutputName, const OrtSession *session, size_t index,
                    OrtAllocator *allocator, char **out);
  ORT_SKIP(38, 47);
  /* 48 */ ORT_CALL(createTensor, OrtAllocator *allocator, const int64_t *shape, size_t rank,
                    int elementType, OrtValue **out);
  ORT_SKIP(49, 50);
  /* 51 */ ORT_CALL(tensorData, OrtValue *value, void **out);
  ORT_SKIP(52, 54);
  /* 55 */ ORT_CALL(typeAsTensor, const OrtTypeInfo *type, const OrtTensorTypeAndShapeInfo **out);
  ORT_SKIP(56, 59);
  /* 60 */ ORT_CALL(tensorElementType, const OrtTensorTypeAndShapeInfo *info, int *out);
  /* 61 */ ORT_CALL(tensorRank, const OrtTensorTypeAndShapeInfo *info, size_t *out);
  /* 62 */ ORT_CALL(tensorShape, const OrtTensorTypeAndShapeInfo *info, int64_t *out, size_t rank);
  ORT_SKIP(63, 63);
  /* 64 */ ORT_CALL(tensorElementCount, const OrtTensorTypeAndShapeInfo *info, size_t *out);
  /* 65 */ ORT_CALL(valueTypeAndShape, const OrtValue *value, OrtTensorTypeAndShapeInfo **out);
  ORT_SKIP(66, 75);
  /* 76 */ ORT_CALL(allocatorFree, OrtAllocator *allocator, void *memory);
  ORT_SKIP(77, 77);
  /* 78 */ ORT_CALL(defaultAllocator, OrtAllocator **out);
  ORT_SKIP(79, 91);
  /* 92 */ void (*releaseEnv)(OrtEnv *env);
  /* 93 */ void (*releaseStatus)(OrtStatus *status);
  ORT_SKIP(94, 94);
  /* 95 */ void (*releaseSession)(OrtSession *session);
  /* 96 */ void (*releaseValue)(OrtValue *value);
  ORT_SKIP(97, 97);
  /* 98 */ void (*releaseTypeInfo)(OrtTypeInfo *type);
  /* 99 */ void (*releaseTensorInfo)(OrtTensorTypeAndShapeInfo *info);
  /* 100 */ void (*releaseSessionOptions)(OrtSessionOptions *options);
  ORT_SKIP(101, 129);
  /* 130 */ ORT_CALL(addSessionConfigEntry, OrtSessionOptions *options, const char *key,
                     const char *value);
} OrtFunctions;

/// What the library's one exported symbol that we look up, OrtGetApiBase, returns.
typedef struct OrtBase {
  /// NULL where the library does not offer that version.
  const OrtFunctions *(*functions)(uint32_t version);
  const char *(*version)(void);
} OrtBase;

typedef const OrtBase *(*OrtGetBase)(void);

#undef ORT_CALL
#undef ORT_SKIP

#endif
