// See adc.h. Datasheet 4.9.
//
// Erratum RP2040-E11 (uneven steps at codes 512, 1536, 2560, 3584) is left to who averages.

#include "adc.h"

#include "board.h"
#include "clocks.h"
#include "generated/abi.h"
#include "registers.h"

#define CHANNELS 5u
#define FIRST_GPIO 26u // ADC0 to ADC3 are GPIO26 to 29; channel 4 is the sensor inside

// A conversion takes 96 cycles of 48 MHz, 2 us, which is 250 of ours; a turn takes at least 6.
#define WAIT_TURNS 1000u

static int is_ready(void) {
  for (uint32_t turn = 0; turn < WAIT_TURNS; turn++) {
    if (REGISTER(ADC_CS) & ADC_CS_READY) return 1;
  }
  return 0;
}

void adc_start(void) {
  for (uint32_t channel = 0; channel < 4; channel++) {
    if (!(BOARD_ADC_CHANNELS >> channel & 1u)) continue;
    // No digital input and no pulls on an analog pin (4.9.1); it has no function but that.
    REGISTER(GPIO_CTRL(FIRST_GPIO + channel)) = GPIO_CTRL_FUNCSEL_NULL;
    REGISTER(PADS_GPIO(FIRST_GPIO + channel)) = PADS_OD;
  }
  (void)blocks_reset(RESETS_ADC); // if it fails, READY never comes and the codes are 0
  REGISTER(ADC_CS) = ADC_CS_EN | ADC_CS_TS_EN;
  (void)is_ready();
}

void host_adc_read(uint16_t *codes) {
  for (uint32_t channel = 0; channel < CHANNELS; channel++) {
    codes[channel] = 0;
    if (!(BOARD_ADC_CHANNELS >> channel & 1u)) continue;
    REGISTER(ADC_CS) = ADC_CS_EN | ADC_CS_TS_EN | ADC_CS_AINSEL(channel);
    REGISTER_SET(ADC_CS) = ADC_CS_START_ONCE;
    if (is_ready() && !(REGISTER(ADC_CS) & ADC_CS_ERR)) codes[channel] = (uint16_t)REGISTER(ADC_RESULT);
  }
}
