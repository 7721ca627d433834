/**
 * Numbers that go out on the SMBus and come from enumerations of the logic: each is written down once more,
 * in abi/smbus.ts, and the two must not part. Nothing here remains in the module.
 */
import { EventKind } from "../events/log";
import * as numbers from "../generated/smbus";
import { Origin, Reason, State } from "../power/states";
import { Kind } from "../protection/protection";
import { Health } from "../sensors/health";
import { Quantity } from "../sensors/quantities";

assert(State.Off == numbers.MFR_POWER_STATE_OFF);
assert(State.RailUp == numbers.MFR_POWER_STATE_RAIL_UP);
assert(State.RunDelay == numbers.MFR_POWER_STATE_RUN_DELAY);
assert(State.On == numbers.MFR_POWER_STATE_ON);
assert(State.ShuttingDown == numbers.MFR_POWER_STATE_SHUTTING_DOWN);
assert(State.RailDown == numbers.MFR_POWER_STATE_RAIL_DOWN);
assert(State.CycleOff == numbers.MFR_POWER_STATE_CYCLE_OFF);
assert(State.Resetting == numbers.MFR_POWER_STATE_RESETTING);
assert(State.Fault == numbers.MFR_POWER_STATE_FAULT);
assert(State.RetryPause == numbers.MFR_POWER_STATE_RETRY_PAUSE);
assert(State.NoInput == numbers.MFR_POWER_STATE_NO_INPUT);
assert(State.Restoring == numbers.MFR_POWER_STATE_RESTORING);

assert(EventKind.Power == numbers.EVENT_KIND_POWER);
assert(EventKind.Fault == numbers.EVENT_KIND_FAULT);
assert(EventKind.FaultCleared == numbers.EVENT_KIND_FAULT_CLEARED);
assert(EventKind.Warning == numbers.EVENT_KIND_WARNING);
assert(EventKind.WarningOver == numbers.EVENT_KIND_WARNING_OVER);
assert(EventKind.Sensor == numbers.EVENT_KIND_SENSOR);
assert(EventKind.InputLost == numbers.EVENT_KIND_INPUT_LOST);
assert(EventKind.InputBack == numbers.EVENT_KIND_INPUT_BACK);
assert(EventKind.Inserted == numbers.EVENT_KIND_INSERTED);
assert(EventKind.Removed == numbers.EVENT_KIND_REMOVED);
assert(EventKind.Started == numbers.EVENT_KIND_STARTED);
assert(EventKind.Policy == numbers.EVENT_KIND_POLICY);
assert(EventKind.Calibrated == numbers.EVENT_KIND_CALIBRATED);
assert(EventKind.Monitor == numbers.EVENT_KIND_MONITOR);

assert(Origin.None == numbers.ORIGIN_BMC);
assert(Origin.Console == numbers.ORIGIN_CONSOLE);
assert(Origin.Smbus == numbers.ORIGIN_SMBUS);
assert(Origin.Policy == numbers.ORIGIN_POLICY);
assert(Origin.Fault == numbers.ORIGIN_FAULT);
assert(Origin.Compute == numbers.ORIGIN_COMPUTE);

assert(Reason.Start == numbers.POWER_REASON_START);
assert(Reason.Adopted == numbers.POWER_REASON_ADOPTED);
assert(Reason.OnRequested == numbers.POWER_REASON_ON_REQUESTED);
assert(Reason.RailGood == numbers.POWER_REASON_RAIL_GOOD);
assert(Reason.RunReleased == numbers.POWER_REASON_RUN_RELEASED);
assert(Reason.ShutdownRequested == numbers.POWER_REASON_SHUTDOWN_REQUESTED);
assert(Reason.Halted == numbers.POWER_REASON_HALTED);
assert(Reason.ShutdownTimeout == numbers.POWER_REASON_SHUTDOWN_TIMEOUT);
assert(Reason.OffRequested == numbers.POWER_REASON_OFF_REQUESTED);
assert(Reason.ForceOffRequested == numbers.POWER_REASON_FORCE_OFF_REQUESTED);
assert(Reason.CycleRequested == numbers.POWER_REASON_CYCLE_REQUESTED);
assert(Reason.CycleWaited == numbers.POWER_REASON_CYCLE_WAITED);
assert(Reason.ResetRequested == numbers.POWER_REASON_RESET_REQUESTED);
assert(Reason.ResetDone == numbers.POWER_REASON_RESET_DONE);
assert(Reason.RailIsDown == numbers.POWER_REASON_RAIL_DOWN);
assert(Reason.FaultCleared == numbers.POWER_REASON_FAULT_CLEARED);
assert(Reason.Retried == numbers.POWER_REASON_RETRIED);
assert(Reason.InputLost == numbers.POWER_REASON_INPUT_LOST);
assert(Reason.InputBack == numbers.POWER_REASON_INPUT_BACK);
assert(Reason.Inserted == numbers.POWER_REASON_INSERTED);
assert(Reason.Restored == numbers.POWER_REASON_RESTORED);
assert(Reason.NotRestored == numbers.POWER_REASON_NOT_RESTORED);
assert(Reason.PowerGoodTimeout == numbers.POWER_REASON_POWER_GOOD_TIMEOUT);
assert(Reason.PowerGoodLost == numbers.POWER_REASON_POWER_GOOD_LOST);
assert(Reason.PowerGoodStuck == numbers.POWER_REASON_POWER_GOOD_STUCK);
assert(Reason.Removed == numbers.POWER_REASON_REMOVED);
assert(Reason.Overcurrent == numbers.POWER_REASON_OVERCURRENT);
assert(Reason.LimitExceeded == numbers.POWER_REASON_LIMIT);

assert(Quantity.Vin == numbers.QUANTITY_VIN);
assert(Quantity.V5 == numbers.QUANTITY_V5);
assert(Quantity.V3v3 == numbers.QUANTITY_V3V3);
assert(Quantity.I5 == numbers.QUANTITY_I5);
assert(Quantity.P5 == numbers.QUANTITY_P5);
assert(Quantity.Temperature == numbers.QUANTITY_TEMPERATURE);

assert(Kind.HighFault == numbers.LIMIT_KIND_HIGH_FAULT);
assert(Kind.HighWarning == numbers.LIMIT_KIND_HIGH_WARNING);
assert(Kind.LowWarning == numbers.LIMIT_KIND_LOW_WARNING);
assert(Kind.LowFault == numbers.LIMIT_KIND_LOW_FAULT);

assert(Health.Good == numbers.SENSOR_HEALTH_GOOD);
assert(Health.Shorted == numbers.SENSOR_HEALTH_SHORTED);
assert(Health.Open == numbers.SENSOR_HEALTH_OPEN);
assert(Health.Stuck == numbers.SENSOR_HEALTH_STUCK);
assert(Health.Silent == numbers.SENSOR_HEALTH_SILENT);
