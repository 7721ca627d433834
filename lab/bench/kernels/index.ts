/**
 * The benchmark's module: one kernel for each kind of work that a BMC does most. A kernel takes no argument
 * and returns a checksum over all its results. `prepare` makes its input and is not measured.
 * lab/bench/native has the same kernels in C, with the same checksums.
 */
import { prepareAdcBlock } from "./adc-block";
import { forgetNames } from "./common";
import { prepareConsoleLine } from "./console-line";
import { prepareLineScan } from "./line-scan";
import { prepareLinear11 } from "./linear11";
import { preparePec } from "./pec";
import { prepareRingCopy } from "./ring-copy";
import { prepareSequencer } from "./sequencer";
import { prepareSha256 } from "./sha256";

export { adc_block } from "./adc-block";
export { console_line } from "./console-line";
export { fib } from "./fib";
export { line_scan } from "./line-scan";
export { linear11 } from "./linear11";
export { pec } from "./pec";
export { ring_copy } from "./ring-copy";
export { sequencer } from "./sequencer";
export { sha256 } from "./sha256";

/** Makes the input of all kernels, and resets everything they keep. */
export function prepare(): void {
  forgetNames();
  preparePec();
  prepareLinear11();
  prepareAdcBlock();
  prepareLineScan();
  prepareRingCopy();
  prepareSha256();
  prepareSequencer();
  prepareConsoleLine();
}
