// The state that the converter's interrupt handler (sampling-interrupt.c, in SRAM) and sampling.c share.
//
// A buffer holds four rounds. A round is one code of every channel the board connects, so a buffer of five
// channels takes 40 us at the fast pace. A second DMA channel gives the first one the address of the next
// buffer, endlessly.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "board.h"
#include "generated/abi.h"
#include "peripherals/signals.h"

#define IS_WIRED(channel) (BOARD_ADC_CHANNELS >> (channel) & 1u)
/** How many of the channels below this one are connected. */
#define WIRED_BELOW(channel)                                                                             \
  ((0u < (channel) && IS_WIRED(0)) + (1u < (channel) && IS_WIRED(1)) + (2u < (channel) && IS_WIRED(2)) \
   + (3u < (channel) && IS_WIRED(3)) + (4u < (channel) && IS_WIRED(4)))
#define ROUND_CODES WIRED_BELOW(SAMPLING_CHANNELS)
/**
 * A round begins behind the current, so that this is the last code of a buffer: its handler runs 2 us
 * later. Without a current it begins with the first channel.
 */
#define FIRST_CHANNEL (BOARD_IOUT_ADC_CHANNEL < SAMPLING_CHANNELS ? BOARD_IOUT_ADC_CHANNEL + 1u : 0u)
/** The index of a channel's code in a round. */
#define CODE_INDEX(channel)                                                                                \
  ((WIRED_BELOW(channel) + ROUND_CODES - WIRED_BELOW(FIRST_CHANNEL)) % ROUND_CODES)
/** True if the board wires the channel and the code of that index is the channel's. */
#define IS_CODE_OF(channel, index) ((channel) < SAMPLING_CHANNELS && (index) == CODE_INDEX(channel))
#define BUFFER_ROUNDS 4u
#define BUFFER_CODES (BUFFER_ROUNDS * ROUND_CODES)

/** Twice the length of a trace, so that the buffers are not overwritten while a trace is copied from them. */
#define BUFFERS 128u
#define TRACE_BUFFERS (TRACE_LENGTH / BUFFER_ROUNDS)
/** Buffers that a trace continues after its fault. Our choice: a quarter of the trace. */
#define TRACE_BUFFERS_AFTER (TRACE_BUFFERS / 4u)

/** The most rounds summed up before the logic takes them: more than ten seconds at the fast pace. */
#define SUMMED_ROUNDS_MOST 262144u

#define DATA_CHANNEL 0u
#define ADDRESS_CHANNEL 1u

/**
 * One round in sixteen is summed up, 6,250 a second. Our choice: faster than supplies and compute boards
 * change.
 */
#define BUFFERS_PER_SUM 4u

typedef uint16_t sample_buffer[BUFFER_CODES];

/** The armed over-current limit, and its trip. Survives a restart of the BMC; `check` is its checksum. */
struct overcurrent {
  uint32_t channel, code, rounds, outputs;
  uint32_t tripped, at_us_low, at_us_high, at_code, trips;
  uint32_t check;
};

struct channel_sum {
  uint32_t sum, minimum, maximum;
};

/** The handler's fields come first: a load from the first 124 bytes is one instruction. */
struct sampling {
  uint32_t next; // buffer to be checked next
  uint32_t watched_code; // a code of this or more counts as over-current; above all codes if nothing is armed
  uint32_t watched_index; // of the over-current's channel in a round
  uint32_t above; // codes in a row at or above it
  uint32_t freeze_in; // buffers until the trace is saved; 0: no trace is wanted
  uint32_t rounds; // summed up
  uint32_t product_low, product_high;
  uint32_t last_us; // of the last round summed up: low word of the timer
  uint32_t lap_us, next_lap_us; // time that the ring holds, now and after the change of pace under way
  uint32_t brownout_index, brownout_code, brownout_rounds, below;
  struct channel_sum sums[ROUND_CODES];
  uint32_t overruns; // times the handler ran later than the ring is long
  struct release release; // of overcurrent.outputs
  uint64_t base_us; // time_us when the timer stood at zero
  uint32_t trace_rounds, trace_period_ns;
  uint32_t period_ns;
};

extern struct sampling sampling;
extern struct overcurrent overcurrent;
extern sample_buffer sampling_ring[BUFFERS];
extern sample_buffer sampling_trace[TRACE_BUFFERS];
/** The second DMA channel reads these; aligned for its address ring. */
extern const sample_buffer *sampling_addresses[BUFFERS];

/** Larger than every code. */
#define NOTHING_WATCHED 0x10000u

uint32_t overcurrent_check(void);
/** Begins to save a trace, unless one is saved or pending. Called by the handler, or while it is held off. */
void sampling_freeze(void);
