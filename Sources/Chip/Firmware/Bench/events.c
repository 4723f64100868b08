/*
 * A trace: what happened to the device program, event after event, and what it makes of it. Around
 * each call the whole pool is compared with a copy: a word that the call had no business to write is
 * a stray one.
 */
#include "bench_support.h"

enum { EVENT_MAGIC = 0x454E4741 /* AGNE */ };

/* Where a call may write. */
enum { NOWHERE = 0, ARENA = 1, WORKSPACE = 2, TRANSMIT = 4 };

/* An event of the job's, as the file has it; an image's or a frame's bytes follow. */
typedef struct {
  uint32_t kind, instant_low, instant_high, bytes;
} event_head;

/* What the program made of it; the bytes that are sent follow. */
typedef struct {
  uint32_t magic, status, has_timer, timer_low, timer_high, work, first, last;
  uint32_t send_offset, send_bytes, link_fault, refusal, retry_after, holds_received;
  uint32_t has_answer;
  firmware_answer answer;
} event_record;

/* What the work came to. */
typedef struct {
  uint32_t status;
  firmware_done done;
} work_record;

extern uint32_t __ram_end[], __stack_bottom[], __pool_start[];

static uint32_t copy[320 * 1024 / 4];
/* What the radio has: it must not change until it is sent. */
static uint8_t on_air[4096];
static firmware_buffer sending;

static void take_copy(void) {
  for (uint32_t *from = __pool_start, *to = copy; from < __ram_end;) *to++ = *from++;
}

static int lies_in(const uint32_t *word, firmware_buffer buffer) {
  return (const uint8_t *)(word + 1) > buffer.start &&
         (const uint8_t *)word < buffer.start + buffer.bytes;
}

/* Words of the pool that differ from the copy where the call may not write. */
static uint32_t changed(const firmware_layout *layout, uint32_t allowed) {
  uint32_t count = 0;
  const uint32_t *was = copy;
  for (const uint32_t *word = __pool_start; word < __ram_end; word++, was++) {
    if (*word == *was) continue;
    if (allowed & ARENA && lies_in(word, layout->arena)) continue;
    if (allowed & WORKSPACE && lies_in(word, layout->workspace)) continue;
    if (allowed & TRANSMIT && lies_in(word, layout->transmit)) continue;
    count++;
  }
  return count;
}

static uint32_t padded(uint32_t bytes) { return (bytes + 3) & ~3u; }

void bench_begin_events(void) { sending = (firmware_buffer){0}; }

/* The image or the frame to where the program expects it; what does not fit there is dropped. */
static void load(const event_head *head, firmware_buffer place) {
  uint32_t fits = head->bytes < place.bytes ? head->bytes : place.bytes;
  host_read(jobs, place.start, fits);
  bench_skip(padded(head->bytes) - fits);
}

static uint32_t air_changed(void) {
  uint32_t count = 0;
  for (uint32_t index = 0; index < sending.bytes; index++) {
    count += sending.start[index] != on_air[index];
  }
  return count;
}

static void put_on_air(firmware_buffer buffer, const firmware_layout *layout) {
  if (!buffer.bytes) return;
  if (buffer.bytes > sizeof on_air || buffer.start < layout->transmit.start ||
      buffer.start + buffer.bytes > layout->transmit.start + layout->transmit.bytes)
    host_exit(BENCH_JOBS);
  sending = buffer;
  for (uint32_t index = 0; index < buffer.bytes; index++) on_air[index] = buffer.start[index];
}

static uint32_t perform(
    const firmware_actions *actions, bench_result *result, const firmware_layout *layout) {
  work_record record = {0};
  uint32_t allowed = NOWHERE;
  take_copy();
  if (actions->work == FIRMWARE_RUN) allowed = ARENA;
  if (actions->work == FIRMWARE_CODE) allowed = WORKSPACE | TRANSMIT;
  firmware_done *place = (firmware_done *)__stack_bottom;
  bench_mark(
      actions->work == FIRMWARE_CODE  ? PHASE_CODE
      : actions->work == FIRMWARE_ASK ? PHASE_ASK
                                      : PHASE_NONE);
  record.status = bench_call(firmware_perform, (uint32_t)place, 0, 0, 0, 0);
  bench_mark(PHASE_NONE);
  if (record.status == FIRMWARE_OK) record.done = *place;
  for (uint32_t *word = (uint32_t *)place; word < (uint32_t *)(place + 1);) *word++ = PAINT;
  result->stray_words += changed(layout, allowed);
  bench_measure_arena(layout, result);
  host_write(results, &record, sizeof record);
  return record.status;
}

uint32_t bench_event(bench_result *result, const firmware_layout *layout) {
  event_head head;
  host_read(jobs, &head, sizeof head);
  if (head.kind == FIRMWARE_IMAGE) {
    bench_paint_arena(layout);
    load(&head, firmware_input(0));
  } else if (head.kind == FIRMWARE_RECEIVED) {
    load(&head, layout->receive);
  } else {
    bench_skip(padded(head.bytes));
  }
  if (head.kind == FIRMWARE_SENT) {
    result->stray_words += air_changed();
    sending = (firmware_buffer){0};
  }
  if (head.kind == FIRMWARE_LINK_LOST) sending = (firmware_buffer){0};

  /* The program may write its stack, so that is where its actions go. */
  firmware_actions *place = (firmware_actions *)__stack_bottom;
  take_copy();
  bench_mark(head.kind == FIRMWARE_RECEIVED ? PHASE_ANSWER : PHASE_EVENT);
  uint32_t status = bench_call(
      firmware_handle, head.kind, head.kind == FIRMWARE_RECEIVED ? head.bytes : 0,
      head.instant_low, head.instant_high, (uint32_t)place);
  bench_mark(PHASE_NONE);
  firmware_actions actions = {0};
  if (status == FIRMWARE_OK) actions = *place;
  for (uint32_t *word = (uint32_t *)place; word < (uint32_t *)(place + 1);) *word++ = PAINT;
  /* An image's beginning clears the coder's dictionary. */
  result->stray_words += changed(layout, head.kind == FIRMWARE_IMAGE ? WORKSPACE : NOWHERE);

  put_on_air(actions.send, layout);
  event_record record = {
      .magic = EVENT_MAGIC,
      .status = status,
      .has_timer = actions.has_timer,
      .timer_low = (uint32_t)actions.timer,
      .timer_high = (uint32_t)(actions.timer >> 32),
      .work = actions.work,
      .first = actions.first,
      .last = actions.last,
      .send_offset = actions.send.bytes ? (uint32_t)(actions.send.start - layout->transmit.start) : 0,
      .send_bytes = actions.send.bytes,
      .link_fault = actions.link_fault,
      .refusal = actions.refusal,
      .retry_after = actions.retry_after,
      .holds_received = actions.holds_received,
      .has_answer = actions.has_answer,
      .answer = actions.answer,
  };
  host_write(results, &record, sizeof record);
  host_write(results, on_air, actions.send.bytes ? padded(actions.send.bytes) : 0);
  if (actions.work == FIRMWARE_NO_WORK) return status;
  return perform(&actions, result, layout);
}
