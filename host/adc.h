// ADC: one conversion of each channel the board uses, on demand.
#pragma once

void adc_start(void);
