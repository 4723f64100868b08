/*
 * The device program as its board sees it. A board's support code calls these from one thread, in
 * this order: firmware_start once, then for each image: write the inputs, firmware_infer,
 * firmware_request, send the frame, firmware_take_answer. All addresses lie in the pool of SRAM that firmware_start took;
 * it divides the pool once and allocates nothing afterwards.
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
  FIRMWARE_PLAN_SYMBOLS = 18,
  FIRMWARE_PLAN_USE = 19,
  FIRMWARE_POOL_MISALIGNED = 20,
  FIRMWARE_POOL_TOO_SMALL = 21,
  FIRMWARE_PLAN_LARGER_THAN_FLASH = 22,
  FIRMWARE_NOT_STARTED = 23,
  FIRMWARE_NO_FEATURES = 24,
  FIRMWARE_NO_SUCH_OPERATOR = 25,
  FIRMWARE_CODING = 26,
  FIRMWARE_FRAME = 27,
  FIRMWARE_ANSWER = 28,
  FIRMWARE_FAULT = 40,
};

/* A piece of the pool; null and 0 for what the plan does not have. */
typedef struct {
  uint8_t *start;
  uint32_t bytes;
} firmware_buffer;

/* What the program holds while a plan is started, and what the plan has. */
typedef struct {
  firmware_buffer arena, dictionary, transmit, receive;
  uint32_t operators, inputs, outputs;
} firmware_layout;

/* The classes that an image is taken for, -1 for an answer that the plan does not have. */
typedef struct {
  int32_t combined, local, remote;
  uint32_t complete; /* whether the server used every symbol */
} firmware_answer;

/* Checks the plan image, which stays where it is, and divides the pool. */
uint32_t firmware_start(
    const void *image, uint32_t image_bytes, void *pool, uint32_t pool_bytes);
firmware_layout firmware_memory(void);
/* Input or output number `index`, in the graph's order. */
firmware_buffer firmware_input(uint32_t index);
firmware_buffer firmware_output(uint32_t index);
/* Runs the plan on the inputs, which are used up by it. */
uint32_t firmware_infer(void);
/* Runs one operator of it, for a bench that counts by operator. */
uint32_t firmware_infer_operator(uint32_t index);
/* Codes the features into an infer frame at the start of the transmit buffer. */
uint32_t firmware_request(uint32_t id, uint32_t path, uint32_t *frame_bytes);

/*
 * Combines the server's answer to request `id`, a whole frame at the start of the receive buffer, with
 * the local logits of the image that ran last.
 */
uint32_t firmware_take_answer(uint32_t id, uint32_t frame_bytes, firmware_answer *answer);

/* What the board's support code supplies: main, and an end for a fault, which does not return. */
int main(void);
_Noreturn void board_stop(uint32_t status);

#endif
