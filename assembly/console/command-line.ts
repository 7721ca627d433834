/**
 * Matches a command line with the graph of commands, which is generated from abi/console.ts. Errors that all
 * commands have in common are found here: unknown names, missing tokens, too many tokens, a missing --yes.
 *
 * `parse` walks the graph token by token. If a token fits no edge of a node, the error message names the edge
 * that is most like it. Completion offers all edges of the node.
 */
import { CHOICES, LINE_TOKENS } from "../capacities";
import {
  Argument,
  CONFIRMATION,
  GRAPH,
  INCOMPLETE,
  IS_ALIAS,
  IS_ARGUMENT,
  IS_LISTED,
  LINES_MAXIMUM,
  LINES_MINIMUM,
  MOST_CHOICES,
  NAMES,
} from "../generated/console";
import { QUANTITIES } from "../generated/vocabulary";
import { channelOf, nameOf } from "../sensors/quantities";
import { CharCode } from "./char-code";
import * as choices from "./choices";
import { endLine, letters, put, text } from "./output";
import * as tokens from "./tokens";

assert(MOST_CHOICES <= CHOICES && <u32>QUANTITIES <= CHOICES);

/** Offset of the edges within a node, and the size of an edge. */
const EDGES_OFFSET: usize = 6;
const EDGE_BYTES: usize = 4;

/** The node that the fitting tokens lead to. */
let node: usize = GRAPH;
/** The number of tokens that fit. */
let fitted: i32 = 0;

/** Index of the last token among the choices at its position, in the order of abi/console.ts. */
export let lastChoice: i32 = 0;

/** Returns the Form that the tokens match. If there is none, prints the reason and returns INCOMPLETE. */
export function parse(): i32 {
  if (tokens.count > LINE_TOKENS) {
    text("error: too many words\r\n");
    return INCOMPLETE;
  }
  walk();
  const form = <i32>load<u16>(node);
  if (fitted == tokens.count && form != INCOMPLETE) return form;
  refuse();
  return INCOMPLETE;
}

/** Collects the choices that may follow the tokens and begin with these letters. */
export function collectNext(start: usize, length: u32): void {
  choices.clear(start, length);
  if (tokens.count >= LINE_TOKENS) return; // one more would be too many
  walk();
  if (fitted == tokens.count) collect();
}

/** The quantity of the sensor of this board that a token names, or -1. */
export function sensorNamed(token: i32): i32 {
  for (let quantity = 0; quantity < QUANTITIES; quantity++) {
    const name = nameOf(quantity);
    if (channelOf(quantity) >= 0 && tokens.equals(token, changetype<usize>(name), name.length, 1))
      return quantity;
  }
  return -1;
}

/** True if the token is the name at this offset in NAMES. */
export function isName(token: i32, name: usize): bool {
  return tokens.equals(token, NAMES + name + 1, load<u8>(NAMES + name), 0);
}

/** Follows the tokens through the graph as far as they fit. */
function walk(): void {
  node = GRAPH;
  for (fitted = 0; fitted < tokens.count; fitted++) {
    if (!follow(fitted)) return;
  }
}

/** Follows the edge that the token fits to the next node. False if there is none. */
function follow(token: i32): bool {
  const count = edgeCount();
  for (let i = 0; i < count; i++) {
    const edge = edgeAt(i);
    const word = load<u16>(edge);
    if (word & IS_ARGUMENT ? !isValue(word ^ IS_ARGUMENT, token) : !isName(token, word & ~IS_ALIAS)) continue;
    lastChoice = i;
    node = GRAPH + load<u16>(edge, 2);
    return true;
  }
  return false;
}

function edgeCount(): i32 {
  return load<u16>(node, 4);
}

function edgeAt(index: i32): usize {
  return node + EDGES_OFFSET + <usize>index * EDGE_BYTES;
}

function isValue(kind: Argument, token: i32): bool {
  if (kind == Argument.Sensor) return sensorNamed(token) >= 0;
  if (kind == Argument.Lines) return tokens.number(token, LINES_MAXIMUM) >= LINES_MINIMUM;
  return !tokens.isOption(token); // the command checks the value, whose range depends on the sensor
}

/** Collects the choices that may follow the tokens that fit. */
function collect(): void {
  const count = edgeCount();
  for (let i = 0; i < count; i++) {
    const word = load<u16>(edgeAt(i));
    if (word == (IS_ARGUMENT | Argument.Sensor)) {
      for (let quantity = 0; quantity < QUANTITIES; quantity++) {
        const name = nameOf(quantity);
        if (channelOf(quantity) >= 0) choices.add(changetype<usize>(name), name.length, 1);
      }
    } else if (word < IS_ALIAS) {
      choices.add(NAMES + word + 1, load<u8>(NAMES + word), 0);
    }
  }
}

/** Prints why the line is refused: a token is missing, or the first one that does not fit is wrong. */
function refuse(): void {
  choices.clear(0, 0);
  collect();
  const noun = load<u16>(node, 2);
  text("error: ");
  if (fitted == tokens.count && load<u16>(edgeAt(0)) == CONFIRMATION) {
    text("this needs --yes at the end");
  } else if (edgeCount() == 0) {
    text("nothing may follow ");
    refer(fitted - 1);
  } else if (fitted == tokens.count || choices.count == 0) {
    refer(fitted - 1);
    text(" needs a ");
    printNoun(noun);
  } else if (isName(fitted, CONFIRMATION)) {
    text("--yes belongs at the end of a command that needs it");
  } else {
    text("unknown ");
    printNoun(noun);
    put(CharCode.SPACE);
    tokens.quote(fitted);
    const isCommand = noun == load<u16>(GRAPH, 2);
    const near = choices.near(fitted);
    if (near >= 0) {
      text(', did you mean "');
      choices.print(near);
      text('"?');
    } else {
      text(isCommand ? "; type help" : ".");
    }
    if (noun & IS_LISTED || (near < 0 && !isCommand)) {
      text(choices.count == 1 ? " There is " : " There are ");
      choices.printAll();
    }
  }
  endLine();
}

/** Prints a token in a message. Options stand as they are, other tokens in quotes. */
function refer(token: i32): void {
  if (tokens.isOption(token)) tokens.print(token);
  else tokens.quote(token);
}

function printNoun(noun: u32): void {
  const at = NAMES + (noun & ~IS_LISTED);
  letters(at + 1, load<u8>(at));
}
