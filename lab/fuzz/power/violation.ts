/** A violated invariant, with a message that explains it. */

import { Next, Origin, Reason, RestorePolicy, State } from "../../../abi/generated/vocabulary.ts";
import type { Invariant, Transition } from "./invariants/meaning.ts";
import type { Life } from "./machine.ts";
import { nameOf } from "./names.ts";

export class Violation extends Error {}

export function violation<Kind extends Transition>(
  invariant: Invariant<Kind>,
  transition: Kind,
  what: string,
): Violation {
  const { before, after, inputs } = transition;
  return new Violation(
    [
      `broken: ${invariant.name}`,
      `  ${what}`,
      `  inputs: ${inputs}`,
      `  before: ${lifeText(before)}`,
      `  after:  ${lifeText(after)}`,
    ].join("\n"),
  );
}

export function lifeText(life: Life): string {
  const { rail, outputs, deadline_us, nextDeadline_us, tries, faultRail } = life;
  const marks = [
    life.wanted ? "wanted" : "not wanted",
    ...(life.haltArmed ? ["halt armed"] : []),
    ...(life.emptied ? ["emptied"] : []),
    ...(life.latched ? ["latched"] : []),
  ];
  const fault =
    life.faultReason === 0 ? "" : ` fault ${nameOf(Reason, life.faultReason)} of rail ${faultRail},`;
  return [
    `${nameOf(State, life.state)} rail ${rail} then ${nameOf(Next, life.next)},`,
    `outputs 0x${outputs.toString(16)}, reason ${nameOf(Reason, life.reason)},`,
    `origin ${nameOf(Origin, life.origin)}, tries ${tries},${fault}`,
    `policy ${nameOf(RestorePolicy, life.policy)}, ${marks.join(", ")},`,
    `deadline ${deadline_us}, next ${nextDeadline_us}, timers ${life.timersText}`,
  ].join(" ");
}
