/** Prints `help` and `help COMMAND`. The texts are generated from abi/console.ts. */
import { COMMAND_OUTPUT_BYTES } from "../capacities";
import { EXPLANATION_STARTS, FORM_STARTS, HELP, HELP_COLUMN, LONGEST_HELP_BYTES } from "../generated/console";
import { CharCode } from "./char-code";
import { endLine, printed, put } from "./output";

assert(LONGEST_HELP_BYTES <= COMMAND_OUTPUT_BYTES);

/** Prints all forms of all commands. */
export function list(): void {
  print(0, unchecked(EXPLANATION_STARTS[0]));
}

/**
 * Prints the forms of one command, and its explanation with an example. `command` is its index in the table.
 */
export function explain(command: i32): void {
  print(unchecked(FORM_STARTS[command]), unchecked(FORM_STARTS[command + 1]));
  explanation(command);
}

/** Prints the explanation of one command alone. */
export function explanation(command: i32): void {
  print(unchecked(EXPLANATION_STARTS[command]), unchecked(EXPLANATION_STARTS[command + 1]));
}

function print(from: u32, to: u32): void {
  let begin = printed();
  for (let at = HELP + from; at < HELP + to; at++) {
    const letter = load<u8>(at);
    if (letter == CharCode.TAB) {
      while (printed() - begin < HELP_COLUMN) put(CharCode.SPACE);
    } else if (letter == CharCode.LINE_FEED) {
      endLine();
      begin = printed();
    } else {
      put(letter);
    }
  }
}
