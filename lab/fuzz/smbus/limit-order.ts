/**
 * Whether a slot accepts a limit: within the board's range, and in the order of the limits of its quantity.
 * From the highest down they are high fault, high warning, low warning, low fault, and both hystereses lie
 * between the high and the low ones.
 */
import type { SmbusCommand } from "../../../abi/smbus-schema.ts";
import { type ModelView, UNREAD } from "./model-view.ts";
import { commandOf, type Limit, linearValue } from "./rules.ts";

const FROM_THE_HIGHEST = ["high_fault", "high_warning", "low_warning", "low_fault"] as const;

interface Place {
  readonly rank: number;
  readonly isHigh: boolean;
}

function placeOf({ kind }: Limit): Place {
  return { rank: FROM_THE_HIGHEST.indexOf(kind), isHigh: kind.startsWith("high") };
}

/**
 * Returns null where rounding decides. Thousandths in the slot are whole, so each value may differ by one.
 */
function isBeyond(value: number, end: number, tolerance: number): boolean | null {
  if (value > end + tolerance) return true;
  return value <= end - tolerance ? false : null;
}

/**
 * Returns null where it depends: on rounding, or on which of several words another limit has. A word that is
 * read of a limit means that very limit, so that it may be off by half of its last digit.
 */
export function acceptsLimit(model: ModelView, command: SmbusCommand, word: number): boolean | null {
  const { rules, page } = model;
  const own = rules.limit(command.code, page);
  if (!own) return false;
  const { value, half } = linearValue(command, word);
  if (value < own.minimum - 0.5 || value > own.maximum + 0.5) return false;
  let isCertain = value >= own.minimum && value <= own.maximum;
  const place = placeOf(own);
  for (const [code, other] of rules.partners(command.code, page)) {
    const partner = commandOf(code) as SmbusCommand;
    const their = placeOf(other);
    const apart = place.isHigh === their.isHigh ? 0 : Math.max(1, 2 * own.hysteresis);
    const words = model.limits.get(model.limitKey(partner)) ?? [UNREAD];
    const verdicts = words.map((each) => {
      const shown = each === UNREAD ? { value: other.initial, half } : linearValue(partner, each);
      const tolerance = half + shown.half + 1;
      return place.rank < their.rank
        ? isBeyond(shown.value + apart, value, tolerance)
        : isBeyond(value + apart, shown.value, tolerance);
    });
    if (verdicts.every((verdict) => verdict === true)) return false;
    if (!verdicts.every((verdict) => verdict === false)) isCertain = false;
  }
  return isCertain ? true : null;
}
