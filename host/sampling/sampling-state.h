// What the handler of the converter's blocks (sampling-blocks.c, in SRAM) and the rest (sampling.c) share.
//
// A block is four rounds of one code each of every channel the board wires: 40 us at full pace with
// five of them. A second DMA channel gives the first the address of the next block, over and over.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "board.h"
#include "generated/abi.h"
#include "peripherals/signals.h"

#define IS_WIRED(channel) (BOARD_ADC_CHANNELS >> (channel) & 1u)
/** Wired channels below this one. */
#define WIRED_BELOW(channel)                                                                             \
  ((0u < (channel) && IS_WIRED(0)) + (1u < (channel) && IS_WIRED(1)) + (2u < (channel) && IS_WIRED(2)) \
   + (3u < (channel) && IS_WIRED(3)) + (4u < (channel) && IS_WIRED(4)))
#define ROUND_CODES WIRED_BELOW(SAMPLING_CHANNELS)
/** A round begins behind the current, which so is the last code of a block: its handler comes 2 us later. */
#define FIRST_CHANNEL (BOARD_IOUT_ADC_CHANNEL + 1u)
/** Where a channel is in a round. */
#define PLACE(channel) ((WIRED_BELOW(channel) + ROUND_CODES - WIRED_BELOW(FIRST_CHANNEL)) % ROUND_CODES)
#define BLOCK_ROUNDS 4u
#define BLOCK_CODES (BLOCK_ROUNDS * ROUND_CODES)

/** Twice what a trace keeps, so that what it is copied from is not overwritten meanwhile. */
#define BLOCKS 128u
#define TRACE_BLOCKS (TRACE_LENGTH / BLOCK_ROUNDS)
/** Blocks a trace goes on for after what it is about: a quarter of it. Chosen. */
#define TRACE_BLOCKS_AFTER (TRACE_BLOCKS / 4u)

/** Rounds summed up until somebody takes them: more than ten seconds at full pace. */
#define SUMMED_ROUNDS_MOST 262144u

#define DATA_CHANNEL 0u
#define ADDRESS_CHANNEL 1u

/** Of sixteen rounds one is summed up: 6,250 a second, above what supplies and compute boards do. Chosen. */
#define BLOCKS_A_SUM 4u

typedef uint16_t block[BLOCK_CODES];

/** What is armed, and what came of it. Survives a restart of the BMC, sealed by `check`. */
struct overcurrent {
  uint32_t channel, code, rounds, outputs;
  uint32_t tripped, at_us_low, at_us_high, at_code, trips;
  uint32_t check;
};

struct channel_sum {
  uint32_t sum, minimum, maximum;
};

/** What the handler needs comes first: within 124 bytes a load is one instruction. */
struct sampling {
  uint32_t next; // block to be looked at
  uint32_t watched_code; // what a code must stay below; beyond all codes while nothing is watched
  uint32_t watched_place; // of the over-current's channel in a round
  uint32_t above; // codes in a row
  uint32_t freeze_in; // blocks until the trace is kept; 0: none is wanted
  uint32_t rounds; // summed up
  uint32_t product_low, product_high;
  uint32_t last_us; // of the last round summed up: low word of the timer
  uint32_t lap_us, next_lap_us; // what the ring holds, and will at a pace just set
  uint32_t brownout_place, brownout_code, brownout_rounds, below;
  struct channel_sum sums[ROUND_CODES];
  uint32_t overruns; // times the handler came later than the ring is long
  struct release release; // of overcurrent.outputs
  uint64_t base_us; // time_us when the timer stood at zero
  uint32_t trace_rounds, trace_period_ns;
  uint32_t period_ns;
};

extern struct sampling sampling;
extern struct overcurrent overcurrent;
extern block sampling_ring[BLOCKS];
extern block sampling_trace[TRACE_BLOCKS];
/** What the second DMA channel reads; aligned for its ring of addresses. */
extern const block *sampling_addresses[BLOCKS];

/** No code is as large. */
#define WATCHES_NOTHING 0x10000u

uint32_t overcurrent_check(void);
/** Begins to keep a trace, unless one is kept or awaited already. In the handler, or with it held off. */
void sampling_freeze(void);
