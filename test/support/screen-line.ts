/** The last line of a terminal's screen, for tests of the console's line editor. */
import assert from "node:assert/strict";

/** Knows as much of ECMA-48 as the editor prints, and fails on anything else. */
export function screenLine(output: string): string {
  let line: string[] = [];
  let column = 0;
  for (let i = 0; i < output.length; i++) {
    const sequence = /^\x1b\[(\d*)([A-Za-z])/.exec(output.slice(i));
    if (sequence) {
      i += sequence[0].length - 1;
      if (sequence[2] === "K") line = line.slice(0, column);
      else if (sequence[2] === "D") column = Math.max(0, column - Number(sequence[1] || 1));
      else assert.fail(`unexpected sequence ${JSON.stringify(sequence[0])}`);
    } else if (output[i] === "\r") column = 0;
    else if (output[i] === "\n") line = [];
    else if (output[i] === "\b") column--;
    else if (output[i] !== "\x07") line[column++] = output[i] ?? "";
  }
  return line.join("");
}
