/*
 * The device program as its board sees it: a state machine (Sources/Chip/DeviceCore) that is told
 * what has happened and when, and says what is to be done. A board's support code calls these from
 * one thread: firmware_start once, then firmware_handle for each event, and firmware_perform for the
 * work that it gives out. The board has the camera, the radio and the clock.
 *
 * All addresses lie in the pool of SRAM that firmware_start took; it divides the pool once and
 * allocates nothing afterwards.
 */
#ifndef FIRMWARE_H
#define FIRMWARE_H

#include <stdint.h>

/* What a call comes to; docs/firmware.md lists the codes. */
enum firmware_status {
  FIRMWARE_OK = 0,
  FIRMWARE_PLAN_TRUNCATED = 10,
  FIRMWARE_PLAN_MISALIGNED = 11,
  FIRMWARE_NOT_A_PLAN = 12,
  FIRMWARE_PLAN_VERSION = 13,
  FIRMWARE_PLAN_CHECKSUM = 14,
  FIRMWARE_PLAN_HEADER = 15,
  FIRMWARE_PLAN_TENSOR = 16,
  FIRMWARE_PLAN_OPERATOR = 17,
  FIRMWARE_PLAN_BLOCKS = 18,
  FIRMWARE_PLAN_SEND = 19,
  FIRMWARE_PLAN_EXIT = 20,
  FIRMWARE_PLAN_PATH = 21,
  FIRMWARE_PLAN_USE = 22,
  FIRMWARE_CODER_TABLES = 23,
  FIRMWARE_SETTINGS = 24,
  FIRMWARE_POOL_MISALIGNED = 25,
  FIRMWARE_POOL_TOO_SMALL = 26,
  FIRMWARE_PLAN_LARGER_THAN_FLASH = 27,
  FIRMWARE_NOT_STARTED = 28,
  FIRMWARE_NO_PATHS = 29,
  FIRMWARE_NO_SUCH_OPERATOR = 30,
  FIRMWARE_NO_SUCH_EVENT = 31,
  FIRMWARE_OUT_OF_TURN = 32,
  FIRMWARE_NO_PATH = 33,
  FIRMWARE_CODING = 34,
  FIRMWARE_FRAME = 35,
  FIRMWARE_FAULT = 40,
};

/* No limit, for a deadline and a budget; no path of the user's choice. */
#define FIRMWARE_NO_DEADLINE UINT64_MAX
#define FIRMWARE_NO_BUDGET UINT32_MAX
#define FIRMWARE_ANY_PATH UINT32_MAX

/* Whether the server is asked for every image, or unless a device exit is sure of its own answer. */
enum firmware_policy { FIRMWARE_ALWAYS = 0, FIRMWARE_CONFIDENT = 1 };

/* What a scheme that chooses among paths is to save. */
enum firmware_target { FIRMWARE_LATENCY = 0, FIRMWARE_ACCURACY = 1, FIRMWARE_ENERGY = 2 };

/* What a user decides. */
typedef struct {
  uint64_t deadline;         /* from the image to its answer, microseconds */
  uint32_t policy;
  uint32_t path;             /* of the plan's, or FIRMWARE_ANY_PATH */
  uint32_t budget;           /* bytes of payload that an image may cost at most */
  uint32_t overlaps;         /* 1: core, radio and server work at the same time; or 0 */
  uint32_t bytes_per_second; /* the radio's nominal rate; 0 where it is not known */
  uint32_t target;
  /* For FIRMWARE_ENERGY: milliwatts at all times, and while sending besides; 0 where it is not known. */
  uint32_t device_milliwatts, sending_milliwatts;
} firmware_settings;

/* A piece of the pool; null and 0 for what the plan does not need. */
typedef struct {
  uint8_t *start;
  uint32_t bytes;
} firmware_buffer;

/* What the program holds while a plan is started, and what the plan has. */
typedef struct {
  firmware_buffer arena, workspace, transmit, receive;
  uint32_t operators, inputs, outputs, paths;
} firmware_layout;

/* What has happened. */
enum firmware_event {
  FIRMWARE_IMAGE = 0,     /* a new image lies in input 0 */
  FIRMWARE_WORK_DONE = 1, /* the work that was given out last is performed */
  FIRMWARE_SENT = 2,      /* the radio has taken the bytes that it was given last */
  FIRMWARE_RECEIVED = 3,  /* a whole frame, so many bytes, lies at the start of the receive buffer */
  FIRMWARE_TIMER = 4,     /* the instant has come that was asked for */
  FIRMWARE_LINK_UP = 5,   /* there is a connection, and the server has the bundle */
  FIRMWARE_LINK_LOST = 6, /* it is gone, with all that was under way on it */
};

/* Work for the core. */
enum firmware_work {
  FIRMWARE_NO_WORK = 0,
  FIRMWARE_RUN = 1,  /* the operators from `first` up to below `last` */
  FIRMWARE_CODE = 2, /* the next part of the features */
  FIRMWARE_ASK = 3,  /* how sure the exit number `first` is of its answer */
};

/* Whose answer it is. */
enum firmware_source {
  FIRMWARE_COMBINED = 0, /* local and remote logits, the server having had every symbol */
  FIRMWARE_PREFIX = 1,   /* the same, of the first part of the symbols */
  FIRMWARE_LOCAL = 2,
  FIRMWARE_REMOTE = 3,
  FIRMWARE_NOBODY = 4,
};

/* The answer to an image; classes are -1 where that half gave none. */
typedef struct {
  uint32_t source;
  int32_t combined, local, remote;
  uint32_t symbols_sent, symbols_used, symbols_all;
  uint32_t frame_bytes; /* of the frame that brought the remote half */
  uint32_t logits;      /* compared or combined for it */
} firmware_answer;

/* What is to be done after an event; all of it starts at once. */
typedef struct {
  uint64_t timer; /* when FIRMWARE_TIMER is wanted; an earlier wish is forgotten */
  uint32_t has_timer;
  uint32_t work, first, last;
  firmware_buffer send;    /* for the radio: in the transmit buffer, unchanged until it is sent */
  uint32_t link_fault;     /* why the connection must be closed; 0 to keep it */
  uint32_t refusal;        /* the code with which the server refused the request; 0 for none */
  uint32_t retry_after;    /* its milliseconds */
  uint32_t holds_received; /* 1: the receive buffer is in use, no frame may be put there */
  uint32_t has_answer;
  firmware_answer answer;
} firmware_actions;

/* What a piece of work came to. */
typedef struct {
  uint32_t coder, symbols, references, blocks, pixels, payload_bytes, frame_bytes, logits;
} firmware_done;

/*
 * Checks the plan image, which stays where it is, and divides the pool. Without settings: every image
 * to the server, no limits, overlap. A plan without paths, of a bare model, has an arena alone.
 */
uint32_t firmware_start(
    const void *image, uint32_t image_bytes, void *pool, uint32_t pool_bytes,
    const firmware_settings *settings);
firmware_layout firmware_memory(void);
/* Input or output number `index`, in the graph's order. */
firmware_buffer firmware_input(uint32_t index);
firmware_buffer firmware_output(uint32_t index);

/*
 * Takes in an event, at an instant in microseconds of a clock that does not go back. `bytes` is a
 * received frame's, else 0. FIRMWARE_OUT_OF_TURN leaves all as it was; after any other code that is not
 * FIRMWARE_OK the plan must be started anew.
 */
uint32_t firmware_handle(
    uint32_t event, uint32_t bytes, uint64_t now, firmware_actions *actions);
/* Performs the work that is under way; FIRMWARE_WORK_DONE is told when it is. */
uint32_t firmware_perform(firmware_done *done);

/* Runs the whole plan on the inputs, which are used up by it; for bare models and for a bench. */
uint32_t firmware_infer(void);
/* Runs one operator of it, for a bench that counts by operator. */
uint32_t firmware_infer_operator(uint32_t index);

/* What the board's support code supplies: main, and an end for a fault, which does not return. */
int main(void);
_Noreturn void board_stop(uint32_t status);

#endif
