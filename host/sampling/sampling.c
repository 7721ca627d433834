// See sampling.h. Sets up converter and DMA (datasheet 4.9 and 2.5), and carries out the calls of the logic.

#include "sampling.h"

#include <string.h>

#include "board.h"
#include "peripherals/clocks.h"
#include "processor.h"
#include "registers.h"
#include "recovery/retained.h"
#include "sampling-state.h"
#include "peripherals/timer.h"

#define FIRST_GPIO 26u // ADC0 to ADC3 are GPIO26 to 29; channel 4 is the temperature sensor in the chip

// A conversion takes 96 cycles of 48 MHz (4.9.2.2): 2 us. The slow pace is a fiftieth of that.
#define CONVERSION_NS 2000u
#define SLOW_FACTOR 50u
#define SLOW_CYCLES (96u * SLOW_FACTOR)

/**
 * Without a round for this long, the converter or DMA has stopped. Our choice: slow rounds are summed up
 * every 8 ms.
 */
#define SILENT_US 100000u

/** The converter needs a few microseconds to get ready (4.9.2); a turn takes at least 6 of our cycles. */
#define WAIT_TURNS 1000u

/** The sums and the product of linear codes must not overflow: 2^32 / 4127 rounds. */
_Static_assert(SUMMED_ROUNDS_MOST <= 0xffffffffu / LINEAR_CODES, "sums are words");
_Static_assert(SAMPLING_CHANNELS == 5, "WIRED_BELOW knows five channels");
_Static_assert(sizeof sampling_addresses == 4u * BUFFERS && BUFFERS == 128, "the ring of addresses");
_Static_assert(BUFFER_CODES % 2u == 0, "buffers are copied in words");

static bool fast = true;
static uint32_t taken_us; // when the last round of the last take: low word of the timer
static uint32_t restarts;

static void clear_sums(void) {
  sampling.rounds = sampling.product_low = sampling.product_high = 0;
  for (uint32_t index = 0; index < ROUND_CODES; index++) {
    sampling.sums[index] = (struct channel_sum){.sum = 0, .minimum = LINEAR_CODES, .maximum = 0};
  }
}

/** Makes the handler use the armed limit. Call it while the handler is held off. */
static void apply_armed_limit(void) {
  sampling.release = signals_release(overcurrent.outputs);
  sampling.watched_index = CODE_INDEX(overcurrent.channel);
  sampling.watched_code =
    overcurrent.outputs && !overcurrent.tripped ? overcurrent.code : NOTHING_WATCHED;
  sampling.above = 0;
}

static void set_pace(void) {
  REGISTER(ADC_DIV) = fast ? 0 : ADC_DIV_INT(SLOW_CYCLES - 1u);
  sampling.period_ns = ROUND_CODES * CONVERSION_NS * (fast ? 1u : SLOW_FACTOR);
  // The round under way began at the old pace, which may be either.
  sampling.next_lap_us = BUFFERS * BUFFER_ROUNDS * (sampling.period_ns / 1000u);
  sampling.lap_us = BUFFERS * BUFFER_ROUNDS * (ROUND_CODES * CONVERSION_NS * SLOW_FACTOR / 1000u);
}

/** Starts from reset. So the first code in the ring is the first channel's, whatever went wrong before. */
static void converter_start(void) {
  (void)peripherals_reset(RESETS_ADC | RESETS_DMA); // if one stays in reset, the logic sees 0 rounds
  for (uint32_t i = 0; i < BUFFERS; i++) sampling_addresses[i] = &sampling_ring[i];
  sampling.next = 0;
  sampling.above = sampling.below = sampling.freeze_in = 0;
  clear_sums();

  REGISTER(DMA_READ_ADDR(DATA_CHANNEL)) = ADC_FIFO;
  REGISTER(DMA_TRANS_COUNT(DATA_CHANNEL)) = BUFFER_CODES;
  REGISTER(DMA_AL1_CTRL(DATA_CHANNEL)) = DMA_CTRL_EN | DMA_CTRL_HIGH_PRIORITY | DMA_CTRL_SIZE_HALFWORD
                                         | DMA_CTRL_INCR_WRITE | DMA_CTRL_CHAIN_TO(ADDRESS_CHANNEL)
                                         | DMA_CTRL_TREQ(DMA_TREQ_ADC);
  REGISTER(DMA_READ_ADDR(ADDRESS_CHANNEL)) = (uint32_t)sampling_addresses;
  REGISTER(DMA_WRITE_ADDR(ADDRESS_CHANNEL)) = DMA_AL2_WRITE_ADDR_TRIG(DATA_CHANNEL);
  REGISTER(DMA_TRANS_COUNT(ADDRESS_CHANNEL)) = 1;
  REGISTER(DMA_INTE0) = 1u << DATA_CHANNEL;
  // A channel chained to itself is not chained (2.5.2.2).
  REGISTER(DMA_CTRL_TRIG(ADDRESS_CHANNEL)) =
    DMA_CTRL_EN | DMA_CTRL_HIGH_PRIORITY | DMA_CTRL_SIZE_WORD | DMA_CTRL_INCR_READ | DMA_CTRL_RING_READ(9u)
    | DMA_CTRL_CHAIN_TO(ADDRESS_CHANNEL) | DMA_CTRL_TREQ(DMA_TREQ_PERMANENT) | DMA_CTRL_IRQ_QUIET;

  set_pace();
  REGISTER(ADC_FCS) = ADC_FCS_EN | ADC_FCS_ERR | ADC_FCS_DREQ_EN | ADC_FCS_THRESH(1u);
  uint32_t first = FIRST_CHANNEL % SAMPLING_CHANNELS;
  while (!IS_WIRED(first)) first = (first + 1u) % SAMPLING_CHANNELS;
  REGISTER(ADC_CS) = ADC_CS_EN | ADC_CS_TS_EN;
  // If the converter never gets ready, the logic sees no rounds.
  for (uint32_t turn = 0; turn < WAIT_TURNS && !(REGISTER(ADC_CS) & ADC_CS_READY); turn++) continue;
  REGISTER(ADC_CS) =
    ADC_CS_EN | ADC_CS_TS_EN | ADC_CS_AINSEL(first) | ADC_CS_RROBIN(BOARD_ADC_CHANNELS) | ADC_CS_START_MANY;
}

void sampling_start(void) {
  for (uint32_t channel = 0; channel < 4; channel++) {
    if (!IS_WIRED(channel)) continue;
    // An analog pin has no digital input and no pulls (4.9.1), and no digital function.
    REGISTER(GPIO_CTRL(FIRST_GPIO + channel)) = GPIO_CTRL_FUNCSEL_NULL;
    REGISTER(PADS_GPIO(FIRST_GPIO + channel)) = PADS_OD;
  }
  if (!retained_is_restart() || overcurrent.check != overcurrent_check()) {
    memset(&overcurrent, 0, sizeof overcurrent);
    overcurrent.check = overcurrent_check();
  }
  apply_armed_limit();
  converter_start();
  sampling.base_us = retained_time_base_us();
  taken_us = sampling.last_us = REGISTER(TIMER_TIMERAWL);
  interrupt_enable(IRQ_DMA_0, PRIORITY_PROTECTION);
}

/**
 * A FIFO that overflowed has lost a code, so every later code would be taken for another channel's. A
 * converter or DMA that has stopped delivers no codes, and nothing would be protected.
 */
static void restart_if_needed(void) {
  const uint32_t now_us = REGISTER(TIMER_TIMERAWL);
  const bool is_silent = now_us - sampling.last_us > SILENT_US;
  if (!is_silent && !(REGISTER(ADC_FCS) & (ADC_FCS_OVER | ADC_FCS_UNDER))) return;
  if (is_silent) sampling.last_us = now_us; // gives it time before the next restart
  restarts++;
  converter_start();
}

void host_samples_take(struct samples *samples) {
  memset(samples, 0, sizeof *samples);
  interrupt_hold(IRQ_DMA_0);
  restart_if_needed();
  const uint32_t rounds = sampling.rounds, last_us = sampling.last_us;
  struct channel_sum sums[ROUND_CODES];
  for (uint32_t index = 0; index < ROUND_CODES; index++) sums[index] = sampling.sums[index];
  samples->product_low = sampling.product_low;
  samples->product_high = sampling.product_high;
  clear_sums();
  interrupt_release(IRQ_DMA_0);
  samples->rounds = rounds;
  samples->overruns = sampling.overruns;
  samples->restarts = restarts;
  if (rounds == 0) return;
  samples->elapsed_us = last_us - taken_us;
  taken_us = last_us;
  for (uint32_t channel = 0; channel < SAMPLING_CHANNELS; channel++) {
    if (!IS_WIRED(channel)) continue;
    const struct channel_sum *sum = &sums[CODE_INDEX(channel)];
    (&samples->sum_0)[channel] = sum->sum;
    (&samples->minimum_0)[channel] = sum->minimum;
    (&samples->maximum_0)[channel] = sum->maximum;
  }
}

void host_sampling_pace(uint32_t wanted) {
  if (fast == (wanted != 0)) return;
  fast = wanted != 0;
  set_pace();
}

void host_overcurrent_arm(uint32_t channel, uint32_t code, uint32_t rounds, uint32_t outputs) {
  const bool wired = IS_WIRED(channel) && rounds > 0;
  interrupt_hold(IRQ_DMA_0);
  overcurrent.channel = channel;
  overcurrent.code = code;
  overcurrent.rounds = rounds;
  overcurrent.outputs = wired ? outputs : 0;
  overcurrent.tripped = 0;
  overcurrent.check = overcurrent_check();
  apply_armed_limit();
  interrupt_release(IRQ_DMA_0);
}

void host_brownout_arm(uint32_t channel, uint32_t code, uint32_t rounds) {
  interrupt_hold(IRQ_DMA_0);
  sampling.brownout_index = CODE_INDEX(channel);
  sampling.brownout_code = IS_WIRED(channel) ? code : 0;
  sampling.brownout_rounds = rounds;
  sampling.below = 0;
  interrupt_release(IRQ_DMA_0);
}

void host_trip_read(struct trip *trip) {
  interrupt_hold(IRQ_DMA_0);
  *trip = (struct trip){
    .tripped = overcurrent.tripped,
    .at_us_low = overcurrent.at_us_low,
    .at_us_high = overcurrent.at_us_high,
    .code = overcurrent.at_code,
    .armed = overcurrent.outputs != 0 && !overcurrent.tripped,
    .trips = overcurrent.trips,
  };
  interrupt_release(IRQ_DMA_0);
}

void host_trace_freeze(void) {
  interrupt_hold(IRQ_DMA_0);
  sampling_freeze();
  interrupt_release(IRQ_DMA_0);
}

void host_trace_clear(void) {
  interrupt_hold(IRQ_DMA_0);
  sampling.trace_rounds = 0;
  sampling.freeze_in = 0;
  interrupt_release(IRQ_DMA_0);
}

void host_trace_info(struct trace *trace) {
  interrupt_hold(IRQ_DMA_0);
  *trace = (struct trace){
    .rounds = sampling.trace_rounds,
    .period_ns = sampling.trace_period_ns,
    .after = TRACE_BUFFERS_AFTER * BUFFER_ROUNDS,
    .pending = sampling.freeze_in != 0,
  };
  interrupt_release(IRQ_DMA_0);
}

void host_trace_read(uint32_t round, uint16_t *codes) {
  const uint16_t *kept = sampling_trace[round / BUFFER_ROUNDS] + round % BUFFER_ROUNDS * ROUND_CODES;
  const bool is_kept = sampling.trace_rounds > 0;
  for (uint32_t channel = 0; channel < SAMPLING_CHANNELS; channel++) {
    codes[channel] = is_kept && IS_WIRED(channel) ? kept[CODE_INDEX(channel)] & ADC_FIFO_VAL : 0;
  }
}
