/**
 * The project's vocabulary: every named number that more than one part of the project knows, written once.
 *
 * `npm run generate` makes of it the enumerations of the logic with their texts on the console, the names
 * that the SMBus client, the fuzzers and the tests use, and the tables of docs/smbus.md. To add a term, add a
 * row here and use it where it gets its meaning.
 *
 * Numbers that leave the device (`wire`) are a promise to every controller: a new term takes the next free
 * number, and no number is ever used again for another meaning.
 */

import { LIMIT_KINDS, quantities } from "./quantities.ts";
import { type Enumeration, numbered, type Term } from "./vocabulary-schema.ts";

// ------------------------------------------------------------------- power states

/**
 * The facts about a power state that other parts of the project decide by. They are written here alone, so
 * that no two parts can disagree about a state.
 */
export interface StateTraits {
  /** Rails are enabled, and the slot is not on its way down. OPERATION reads ON. */
  readonly powered?: true;
  /** All rails are up, and COMPUTE_RUN is asserted: readings of rails and limits on them count. */
  readonly on?: true;
  /** No rail is enabled, and none is on its way down. STATUS_WORD reports OFF on every page. */
  readonly off?: true;
  /** The slot is off and has nothing under way: from here a command or the policy starts it. */
  readonly resting?: true;
  /** The slot stays off until a command comes or a board is plugged in: a time for slow work. */
  readonly settled?: true;
  /** The state ends by itself soon; the event log leaves it out, the history has it. */
  readonly between?: true;
  /** Rails come up, and COMPUTE_RUN is not asserted yet. */
  readonly comingUp?: true;
  /** Rails are going down, or the compute OS was asked to shut down. */
  readonly goingDown?: true;
}

/** The names of the traits, in the order of their bits in the logic. */
export const STATE_TRAITS = [
  "powered",
  "on",
  "off",
  "resting",
  "settled",
  "between",
  "comingUp",
  "goingDown",
] as const satisfies readonly (keyof StateTraits)[];

export interface StateTerm extends Term {
  readonly text: string;
  readonly traits: StateTraits;
}

type StateRow = readonly [name: string, text: string, description: string, traits: StateTraits];

const COMING_UP: StateTraits = { powered: true, between: true, comingUp: true };
const RESTING: StateTraits = { off: true, resting: true };

const STATE_ROWS: readonly StateRow[] = [
  ["OFF", "off", "all rails are down", { ...RESTING, settled: true }],
  ["RAIL_UP", "coming up", "a rail is enabled, and its power-good is awaited", COMING_UP],
  ["RUN_DELAY", "coming up", "all rails are good, the compute board is still in reset", COMING_UP],
  ["ON", "on", "the compute board runs", { powered: true, on: true }],
  [
    "SHUTTING_DOWN",
    "shutting down",
    "the compute OS was asked to shut down",
    { powered: true, on: true, goingDown: true },
  ],
  [
    "RAIL_DOWN",
    "going down",
    "a rail is disabled, and its power-good has not gone yet",
    { between: true, goingDown: true },
  ],
  [
    "CYCLE_OFF",
    "off, on again in a moment",
    "all rails are down in the middle of a power cycle",
    { off: true },
  ],
  [
    "RESETTING",
    "resetting",
    "the compute board is held in reset for a moment, all rails are up",
    { powered: true, on: true },
  ],
  [
    "FAULT",
    "off (fault)",
    "all rails are down, a fault is latched; MFR_FAULT_CLEAR lets the slot come up again",
    { ...RESTING, settled: true },
  ],
  [
    "RETRY_PAUSE",
    "off, to be tried again",
    "all rails are down after a fault, the BMC will try again",
    RESTING,
  ],
  ["NO_INPUT", "off, no input power", "all rails are down, there is no input power", RESTING],
  ["RESTORING", "off, about to come up", "all rails are down, the policy is about to bring them up", RESTING],
];

export const powerStates: readonly StateTerm[] = STATE_ROWS.map(
  ([name, text, description, traits], value) => ({
    name,
    value,
    text,
    description,
    traits,
  }),
);

// ------------------------------------------------------------------- why and by whose wish

/** Why the slot was switched off, as MFR_LAST_FAULT reports it. */
const FAULT_REASONS: readonly Term[] = numbered([
  ["NONE", "no fault so far"],
  ["POWER_GOOD_TIMEOUT", "power-good did not come in time"],
  ["POWER_GOOD_LOST", "power-good was lost"],
  ["POWER_GOOD_STUCK", "power-good was still there after switching off"],
  ["REMOVED", "the compute board was pulled out"],
  ["OVERCURRENT", "over-current, switched off at once"],
  ["LIMIT", "a fault limit was exceeded"],
]);

/** A reason that a FAULT_REASON has by the same name is a fault. */
const REASONS: readonly Term[] = numbered([
  ["START", "the BMC started", "start"],
  ["ADOPTED", "found so after a restart of the BMC", "as found after the restart"],
  ["ON_REQUESTED", "on was requested", "on requested"],
  ["RAIL_GOOD", "a rail reports power-good", "power-good"],
  ["RUN_RELEASED", "the compute board was released from reset", "released from reset"],
  ["SHUTDOWN_REQUESTED", "a shutdown was requested", "shutdown requested"],
  ["HALTED", "the compute OS halted", "halted"],
  ["SHUTDOWN_TIMEOUT", "the compute OS did not halt in time", "did not halt in time"],
  ["OFF_REQUESTED", "off was requested", "off requested"],
  ["FORCE_OFF_REQUESTED", "off at once was requested", "force-off requested"],
  ["CYCLE_REQUESTED", "a power cycle was requested", "cycle requested"],
  ["CYCLE_WAITED", "the slot was off for long enough in a power cycle", "cycle, coming up again"],
  ["RESET_REQUESTED", "a reset was requested", "reset requested"],
  ["RESET_DONE", "the reset is over", "reset done"],
  ["RAIL_DOWN", "a rail is down", "rail down"],
  ["FAULT_CLEARED", "a latched fault was cleared", "fault cleared"],
  ["RETRIED", "the BMC tried again after a fault", "tried again"],
  ["INPUT_LOST", "input power was lost", "input power lost"],
  ["INPUT_BACK", "input power is back", "input power is back"],
  ["INSERTED", "a compute board was plugged in", "compute board inserted"],
  ["RESTORED", "the restore policy's wait is over", "restored"],
  ["NOT_RESTORED", "no compute board to restore, or a reading that inhibits power-on", "not restored"],
  ["POWER_GOOD_TIMEOUT", "power-good did not come in time", "power-good did not come"],
  ["POWER_GOOD_LOST", "power-good was lost", "power-good lost"],
  ["POWER_GOOD_STUCK", "power-good was still there after switching off", "power-good did not go"],
  ["REMOVED", "the compute board was pulled out", "compute board removed"],
  ["OVERCURRENT", "over-current, switched off at once", "over-current"],
  ["LIMIT", "a fault limit was exceeded", "limit exceeded"],
]);

/** The FAULT_REASON of each reason, by the reason's number; 0 for those that are no fault. */
export const faultOfReason: readonly number[] = REASONS.map(
  ({ name }) => FAULT_REASONS.find((fault) => fault.name === name)?.value ?? 0,
);

// ------------------------------------------------------------------- all of them

export const enumerations: readonly Enumeration[] = [
  { name: "State", wire: "MFR_POWER_STATE", description: "where the power sequence is", terms: powerStates },
  { name: "Reason", wire: "POWER_REASON", description: "why the power state changed", terms: REASONS },
  {
    name: "FaultReason",
    wire: "FAULT_REASON",
    description: "why the slot was switched off",
    terms: FAULT_REASONS,
  },
  {
    name: "Origin",
    wire: "ORIGIN",
    description: "who wanted it",
    terms: numbered([
      ["BMC", "the BMC itself", "BMC"],
      ["CONSOLE", "a person on the console", "console"],
      ["SMBUS", "a controller on the SMBus", "SMBus"],
      ["POLICY", "the restore policy or a retry", "policy"],
      ["FAULT", "a fault", "fault"],
      ["COMPUTE", "the compute board's operating system", "compute board"],
    ]),
  },
  {
    name: "Command",
    wire: "MFR_POWER_COMMAND",
    description: "what a person or a controller asks of the power sequencer",
    terms: [
      ...numbered(
        [
          ["ON", "rails up in order, then release the compute board"],
          ["OFF", "ask the compute OS to shut down, then rails down"],
          ["FORCE_OFF", "rails down now"],
          ["CYCLE", "rails down now, and up again"],
          ["RESET", "pulse the compute board's reset"],
        ],
        1,
      ),
      // On the bus it is a command of its own, MFR_FAULT_CLEAR.
      { name: "CLEAR_FAULT", value: 6, internal: true, description: "clear a latched fault" },
    ],
  },
  {
    name: "Answer",
    description: "what became of a command",
    terms: numbered([
      ["ACCEPTED", "the sequencer carries it out"],
      ["ALREADY_ON", "the slot is on already"],
      ["ALREADY_OFF", "the slot is off already"],
      ["BUSY", "the slot is going up or down: ask again later"],
      ["NOT_PRESENT", "there is no compute board in the slot"],
      ["FAULTED", "a fault is latched and must be cleared first"],
      ["NO_INPUT", "there is no input power"],
      ["INHIBITED", "a sensor that protection needs reads nonsense, or a fault limit is exceeded already"],
      ["NO_FAULT", "there is no latched fault to clear"],
    ]),
  },
  {
    name: "Next",
    description: "where the way down ends",
    terms: numbered([
      ["OFF", "off"],
      ["CYCLE", "off for the time of a power cycle, then up again"],
      ["RETRY", "the pause before another try"],
      ["FAULT", "off with a latched fault"],
      ["NO_INPUT", "off until input power is back"],
    ]),
  },
  {
    name: "RestorePolicy",
    wire: "MFR_RESTORE_POLICY",
    description: "what the slot does when power returns",
    terms: numbered([
      ["LAST", "as it was before", "last"],
      ["ALWAYS_ON", "on, also when a compute board is plugged in", "always-on"],
      ["ALWAYS_OFF", "off", "always-off"],
    ]),
  },
  {
    name: "BootStage",
    wire: "MFR_BOOT_STAGE",
    description: "how far the compute board has come, by what it prints",
    terms: numbered([
      ["NONE", "never released from reset"],
      ["RELEASED", "released from reset, has printed nothing"],
      ["PRINTING", "prints: firmware or boot loader"],
      ["BOOT_LOADER", "U-Boot has announced itself"],
      ["KERNEL", "a Linux kernel has announced itself"],
      ["LOGIN", "it asks for a log-in"],
    ]),
  },
  {
    name: "EventKind",
    wire: "EVENT_KIND",
    description: "what an event is about",
    terms: numbered([
      ["NONE", "no event"],
      ["POWER", "the power state changed: detail is the POWER_REASON, subject the MFR_POWER_STATE"],
      [
        "FAULT",
        "a power fault: detail is the FAULT_REASON, subject the page or, for LIMIT, the limit; value is the reading",
      ],
      ["FAULT_CLEARED", "a latched fault was cleared"],
      ["WARNING", "a warning limit is exceeded: subject is the limit"],
      ["WARNING_OVER", "a warning limit is no longer exceeded: subject is the limit"],
      ["SENSOR", "another verdict on a sensor: detail is its SENSOR_HEALTH, subject the QUANTITY"],
      ["INPUT_LOST", "input power was lost: value is VIN"],
      ["INPUT_BACK", "input power is back: value is VIN"],
      ["INSERTED", "a compute board was plugged in"],
      ["REMOVED", "the compute board was pulled out"],
      ["STARTED", "the BMC started: detail is the RESET_CAUSE"],
      ["POLICY", "the restore policy was set: detail is the MFR_RESTORE_POLICY"],
      ["CALIBRATED", "a sensor was calibrated: subject is the QUANTITY"],
      [
        "MONITOR",
        "the power monitor: detail is its MONITOR_STATE, subject 1 while it deviates from the converter",
      ],
    ]),
  },
  { name: "Quantity", wire: "QUANTITY", description: "a measured quantity", terms: quantities },
  {
    name: "LimitKind",
    wire: "LIMIT_KIND",
    description: "added to four times the QUANTITY it is a limit",
    terms: LIMIT_KINDS,
  },
  {
    name: "Health",
    wire: "SENSOR_HEALTH",
    description: "the verdict on a sensor",
    terms: numbered([
      ["GOOD", "its readings count", "good"],
      ["SHORTED", "it shows nothing where something must be", "shorted"],
      ["OPEN", "it shows full scale, or something where nothing can be", "open"],
      ["STUCK", "it shows no noise at all", "stuck"],
      ["SILENT", "the converter brings no samples", "silent"],
      ["FED", "it works: its rail has a voltage while it is off, from outside the slot", "fed from outside"],
    ]),
  },
  {
    name: "MonitorState",
    wire: "MONITOR_STATE",
    description: "the power monitor on the sensor bus, a second source of power readings",
    terms: numbered([
      ["NOT_FITTED", "this board has none", "not fitted"],
      ["PROBING", "the BMC is looking for it", "looked for"],
      ["OK", "it answers and measures", "found"],
      ["ABSENT", "it does not answer", "absent"],
      ["FAILED", "it answers or holds the bus, but gives no reading", "failed"],
      ["WRONG_DEVICE", "another chip answers at its address", "is another chip"],
    ]),
  },
];
