/**
 * Prints the answer of `sensors`: readings with extremes and limits, energy, and the health of each sensor.
 */
import { NO_LIMIT } from "../generated/board";
import {
  Health,
  healthText,
  LIMIT_KINDS,
  LimitKind,
  MonitorState,
  monitorStateText,
  QUANTITIES,
  Quantity,
} from "../generated/vocabulary";
import * as supervision from "../protection/supervision";
import * as energy from "../sensors/energy";
import { Comparison } from "../sensors/power-monitor";
import { isMeasured, nameOf, unitOf } from "../sensors/quantities";
import * as monitor from "../sensors/sensor-bus";
import * as sensors from "../sensors/sensors";
import { CharCode } from "./char-code";
import { decimal, endLine, key, put, signed, text } from "./output";

const WIDTH = 9;
const FAULT_KINDS: u32 = (1 << LimitKind.HighFault) | (1 << LimitKind.LowFault);

/** Prints two tables, because one would be wider than HELP_COLUMNS of abi/console.ts. */
export function readings(): void {
  text("              reading      smallest  largest\r\n");
  for (let quantity = 0; quantity < QUANTITIES; quantity++) {
    if (isMeasured(quantity)) line(quantity);
  }
  if (isMeasured(Quantity.Pout)) {
    key("ENERGY");
    decimal(energy.energy_mj(), WIDTH - 3);
    text(" mJ\r\n");
  }
  monitorLine();
  limits();
  const lost = sensors.converterRestarts() + sensors.converterOverruns();
  if (lost == 0) return;
  key("converter");
  decimal(sensors.converterRestarts());
  text(" restarts, ");
  decimal(sensors.converterOverruns());
  text(" overruns\r\n");
}

/** Prints the readings of the power monitor and their comparison with the converter, or its failure. */
function monitorLine(): void {
  const state = monitor.state();
  if (state == MonitorState.NotFitted) return;
  key("PAC1921");
  if (state == MonitorState.Ok) {
    signed(monitor.voltage_mv(), WIDTH - 3);
    text(" mV, ");
    decimal(monitor.current_ma());
    text(" mA, ");
    decimal(monitor.power_mw());
    text(" mW, ");
    comparison();
  } else {
    text(monitorStateText(state));
  }
  endLine();
  if (monitor.errors() == 0) return;
  key("PAC1921");
  decimal(monitor.errors(), WIDTH - 3);
  text(" errors, ");
  decimal(monitor.recoveries());
  text(" recoveries\r\n");
}

function comparison(): void {
  if (monitor.comparison() == Comparison.Unknown) {
    text("not compared yet");
    return;
  }
  text(monitor.comparison() == Comparison.Agrees ? "agrees within " : "DEVIATES from the converter by ");
  decimal(monitor.deviation_permille());
  text("/1000");
}

function line(quantity: i32): void {
  const unit = unitOf(quantity);
  key(nameOf(quantity));
  signed(sensors.readingOf(quantity), WIDTH - 3);
  put(CharCode.SPACE);
  text(unit);
  for (let i = unit.length; i < 4; i++) put(CharCode.SPACE);
  if (sensors.haveExtremes()) {
    signed(sensors.smallestOf(quantity), WIDTH);
    signed(sensors.largestOf(quantity), WIDTH);
  } else {
    text("        -        -");
  }
  const exceeded = supervision.protection.activeKinds(quantity);
  const health = quantity == Quantity.Pout ? Health.Good : supervision.healthOf(quantity);
  if (health != Health.Good) {
    text(health == Health.Fed ? "  " : "  nonsense: ");
    text(healthText(health));
  } else if (exceeded & FAULT_KINDS) {
    text("  FAULT");
  } else if (exceeded) {
    text("  warning");
  }
  endLine();
}

function limits(): void {
  text("\r\n               fault<    warn<    warn>   fault>\r\n");
  for (let quantity = 0; quantity < QUANTITIES; quantity++) {
    if (!isMeasured(quantity)) continue;
    key(nameOf(quantity));
    limit(quantity, LimitKind.LowFault);
    limit(quantity, LimitKind.LowWarning);
    limit(quantity, LimitKind.HighWarning);
    limit(quantity, LimitKind.HighFault);
    endLine();
  }
}

function limit(quantity: i32, kind: LimitKind): void {
  const milli = supervision.protection.limit(quantity * LIMIT_KINDS + kind);
  if (milli == NO_LIMIT) text("        -");
  else signed(milli, WIDTH);
}
