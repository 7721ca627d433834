/**
 * The benchmark's module: the work a BMC does most, one kernel each. A kernel takes nothing and
 * returns a checksum over all its results; `prepare` makes its input and is not measured. The same
 * kernels in C, with the same checksums, are in bench/native.
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

/** Input of all kernels, and everything they keep as it was at first. */
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
