/**
 * The power monitor's state machine alone: its requests on the bus, how it uses the answers, and how it
 * continues without one. The registers are those of the PAC1921, the gains those of slot-hat (4 and 2).
 */
import {
  I2C_RESULT_BUS_CLEARED,
  I2C_RESULT_BUS_STUCK,
  I2C_RESULT_NACK_ADDRESS,
  I2C_RESULT_NACK_DATA,
  I2C_RESULT_OK,
  I2C_RESULT_TIMEOUT,
  NO_DEADLINE,
} from "../../../assembly/generated/abi";
import { MonitorState } from "../../../assembly/generated/vocabulary";
import {
  Comparison,
  currentOf,
  deviation,
  PowerMonitor,
  powerOf,
  Trouble,
  voltageOf,
} from "../../../assembly/sensors/power-monitor";

const MS: u64 = 1000;
const IDS: u32 = 0x5b5d;
const CONFIGURED: u32 = 0x0a4fc0;

/** Codes of 5.1 V, 2 A and their product; the steps are 8 V, 5 A and 40 W divided by 1023. */
const V_CODE: u32 = 652;
const I_CODE: u32 = 409;
const P_CODE: u32 = 261;

let now: u64 = 0;
/** The converter's readings, which equal the monitor's unless a test changes them. */
let mv: u32 = 5100;
let ma: u32 = 2000;
let mw: u32 = 10200;

function fresh(): PowerMonitor {
  now = 1000 * MS;
  mv = 5100;
  ma = 2000;
  mw = 10200;
  const monitor = new PowerMonitor();
  monitor.start(now);
  return monitor;
}

/** Lets time pass to the deadline, and expects `request` to begin. */
function begins(monitor: PowerMonitor, request: u32, length: u32, read: u32): void {
  now = max(now, monitor.deadline_us);
  expect(monitor.step(now)).toBe(true);
  expect(monitor.request).toBe(request);
  expect(monitor.requestLength).toBe(length);
  expect(monitor.readLength).toBe(read);
  expect(monitor.step(now)).toBe(false);
}

function ends(monitor: PowerMonitor, result: u32, data: u32 = 0): void {
  now += 200;
  monitor.complete(now, result, data, mv, ma, mw);
}

function configures(monitor: PowerMonitor): void {
  begins(monitor, 0xfd, 1, 2);
  ends(monitor, I2C_RESULT_OK, IDS);
  begins(monitor, 0xc04e0a00, 4, 0);
  ends(monitor, I2C_RESULT_OK);
  begins(monitor, 0x4f01, 2, 0);
  ends(monitor, I2C_RESULT_OK);
}

function reads(
  monitor: PowerMonitor,
  v: u32 = V_CODE,
  i: u32 = I_CODE,
  p: u32 = P_CODE,
  over: u32 = 0,
): void {
  begins(monitor, 0x00, 1, 3);
  ends(monitor, I2C_RESULT_OK, CONFIGURED);
  begins(monitor, 0x10, 1, 4);
  ends(monitor, I2C_RESULT_OK, (v << 22) | (i << 6));
  begins(monitor, 0x1c, 1, 3);
  ends(monitor, I2C_RESULT_OK, (over << 16) | (p << 6));
}

function working(): PowerMonitor {
  const monitor = fresh();
  configures(monitor);
  reads(monitor);
  return monitor;
}

/** Ends the next transfer, whatever it is, with this result. */
function fails(monitor: PowerMonitor, result: u32): void {
  now = max(now, monitor.deadline_us);
  expect(monitor.step(now)).toBe(true);
  ends(monitor, result);
}

describe("the power monitor", () => {
  test("is identified 30 ms after the start, then configured and read", () => {
    const monitor = fresh();
    expect<u32>(monitor.state).toBe(MonitorState.Probing);
    expect(monitor.deadline_us).toBe(now + 30 * MS);
    expect(monitor.step(now + 29 * MS)).toBe(false);
    configures(monitor);
    expect(monitor.deadline_us).toBe(now + 35 * MS, "the first integration");
    expect<u32>(monitor.state).toBe(MonitorState.Probing);
    reads(monitor);
    expect<u32>(monitor.state).toBe(MonitorState.Ok);
    expect(monitor.voltage_mv).toBe(5099);
    expect(monitor.current_ma).toBe(1999);
    expect(monitor.power_mw).toBe(10205);
    expect(monitor.transfers).toBe(6);
    expect(monitor.errors).toBe(0);
    expect(monitor.recoveries).toBe(0);
  });

  test("is read every 100 ms from then on, counted from the beginning of the reading", () => {
    const monitor = working();
    const first = monitor.deadline_us;
    expect(first).toBe(now - 600 + 100 * MS);
    reads(monitor);
    expect(monitor.deadline_us).toBe(first + 100 * MS);
    now += 250 * MS;
    reads(monitor);
    expect(monitor.deadline_us).toBe(now - 600 + 100 * MS, "late readings are not made up for");
  });

  test("reports quantities beyond full scale", () => {
    const monitor = working();
    reads(monitor, 1023, 1023, 1023, 7);
    expect(monitor.overflow).toBe(7);
    expect(monitor.voltage_mv).toBe(8000);
    expect(monitor.current_ma).toBe(5000);
    expect(monitor.power_mw).toBe(40000);
  });

  test("waits for a transfer that is under way, and asks again every millisecond once it is late", () => {
    const monitor = fresh();
    begins(monitor, 0xfd, 1, 2);
    expect(monitor.deadline_us).toBe(now + 11 * MS);
    monitor.keepWaiting(now + 5 * MS);
    expect(monitor.deadline_us).toBe(now + 11 * MS);
    monitor.keepWaiting(now + 11 * MS);
    expect(monitor.deadline_us).toBe(now + 12 * MS);
  });

  test("without an answer: three tries, then pauses from 1 s up to 60 s, and absent all the time", () => {
    const monitor = fresh();
    let pause: u64 = 1000;
    for (let round = 0; round < 9; round++) {
      for (let attempt = 0; attempt < 3; attempt++) {
        fails(monitor, I2C_RESULT_NACK_ADDRESS);
        expect<u32>(monitor.state).toBe(
          round == 0 && attempt < 2 ? MonitorState.Probing : MonitorState.Absent,
        );
        if (attempt < 2) expect(monitor.deadline_us).toBe(now + 15 * MS);
      }
      expect(monitor.deadline_us).toBe(now + pause * MS);
      pause = min<u64>(pause * 2, 60000);
    }
    expect(monitor.errors).toBe(27);
    expect<u32>(monitor.trouble).toBe(I2C_RESULT_NACK_ADDRESS);
    configures(monitor);
    expect<u32>(monitor.state).toBe(MonitorState.Absent, "until there is a reading");
    reads(monitor);
    expect<u32>(monitor.state).toBe(MonitorState.Ok);
    expect(monitor.recoveries).toBe(1);
    for (let attempt = 0; attempt < 3; attempt++) fails(monitor, I2C_RESULT_NACK_ADDRESS);
    expect(monitor.deadline_us).toBe(now + 1000 * MS, "the pause is the shortest again");
  });

  test("one failed try changes no state: the readings stay, and the error is counted", () => {
    const monitor = working();
    fails(monitor, I2C_RESULT_NACK_DATA);
    expect<u32>(monitor.state).toBe(MonitorState.Ok);
    configures(monitor);
    reads(monitor);
    expect(monitor.errors).toBe(1);
    expect(monitor.recoveries).toBe(1);
    expect<u32>(monitor.trouble).toBe(I2C_RESULT_NACK_DATA);
  });

  test("other errors make it failed, not absent; the last error decides", () => {
    const results: u32[] = [I2C_RESULT_NACK_DATA, I2C_RESULT_TIMEOUT, I2C_RESULT_BUS_STUCK];
    for (let index = 0; index < results.length; index++) {
      const monitor = working();
      fails(monitor, I2C_RESULT_NACK_ADDRESS);
      fails(monitor, I2C_RESULT_NACK_ADDRESS);
      fails(monitor, results[index]);
      expect<u32>(monitor.state).toBe(MonitorState.Failed);
    }
  });

  test("a bus that had to be cleared is tried again, and counted", () => {
    const monitor = working();
    fails(monitor, I2C_RESULT_BUS_CLEARED);
    expect(monitor.busClears).toBe(1);
    configures(monitor);
    reads(monitor);
    expect<u32>(monitor.state).toBe(MonitorState.Ok);
  });

  test("another chip is not configured", () => {
    const monitor = fresh();
    for (let attempt = 0; attempt < 3; attempt++) {
      begins(monitor, 0xfd, 1, 2);
      ends(monitor, I2C_RESULT_OK, 0x5a5d);
    }
    expect<u32>(monitor.state).toBe(MonitorState.WrongDevice);
    expect<u32>(monitor.trouble).toBe(Trouble.WrongId);
    begins(monitor, 0xfd, 1, 2);
    ends(monitor, I2C_RESULT_OK, 0x5b00);
    expect<u32>(monitor.state).toBe(MonitorState.WrongDevice);
  });

  test("a lost configuration is written again; one that is lost every time is a failure", () => {
    const monitor = working();
    begins(monitor, 0x00, 1, 3);
    ends(monitor, I2C_RESULT_OK, 0x000c00);
    expect<u32>(monitor.trouble).toBe(Trouble.ConfigurationLost);
    expect<u32>(monitor.state).toBe(MonitorState.Ok);
    for (let attempt = 0; attempt < 2; attempt++) {
      configures(monitor);
      begins(monitor, 0x00, 1, 3);
      ends(monitor, I2C_RESULT_OK, CONFIGURED ^ 0x100);
    }
    expect<u32>(monitor.state).toBe(MonitorState.Failed);
  });

  test("agrees or deviates only after ten such readings in a row", () => {
    const monitor = working();
    expect<u32>(monitor.comparison).toBe(Comparison.Unknown);
    for (let reading = 1; reading < 9; reading++) reads(monitor);
    expect<u32>(monitor.comparison).toBe(Comparison.Unknown);
    reads(monitor);
    expect<u32>(monitor.comparison).toBe(Comparison.Agrees);
    expect(monitor.deviation_permille).toBe(0);
    ma = 2200;
    mw = 11220;
    for (let reading = 0; reading < 9; reading++) {
      reads(monitor);
      expect<u32>(monitor.comparison).toBe(Comparison.Agrees);
    }
    expect(monitor.deviation_permille).toBe(91);
    expect(monitor.voltageAgrees).toBe(true, "the current deviates, the voltage does not");
    ma = 2000;
    mw = 10200;
    reads(monitor);
    ma = 2200;
    for (let reading = 0; reading < 9; reading++) reads(monitor);
    expect<u32>(monitor.comparison).toBe(Comparison.Agrees, "one agreeing reading starts the count again");
    reads(monitor);
    expect<u32>(monitor.comparison).toBe(Comparison.Deviates);
    mv = 4900;
    reads(monitor);
    expect(monitor.voltageAgrees).toBe(false);
    for (let attempt = 0; attempt < 3; attempt++) fails(monitor, I2C_RESULT_TIMEOUT);
    expect<u32>(monitor.comparison).toBe(Comparison.Unknown);
  });

  test("the deviation is a share of the larger value, and zero within the floor", () => {
    expect(deviation(5100, 5150, 50)).toBe(0);
    expect(deviation(5100, 5151, 50)).toBe(9);
    expect(deviation(2000, 1000, 100)).toBe(500);
    expect(deviation(0, 150, 100)).toBe(1000);
    expect(deviation(0, 0, 0)).toBe(0);
    expect(deviation(0xffffffff, 0, 0)).toBe(1000);
  });

  test("constant results are frozen if the converter's move, and only then", () => {
    const monitor = working();
    for (let reading = 0; reading < 50; reading++) reads(monitor);
    expect<u32>(monitor.state).toBe(MonitorState.Ok);
    ma = 2400;
    for (let reading = 0; reading < 4; reading++) reads(monitor);
    expect(monitor.errors).toBe(0);
    reads(monitor);
    expect<u32>(monitor.trouble).toBe(Trouble.Frozen);
    configures(monitor);
    reads(monitor);
    configures(monitor);
    reads(monitor);
    expect<u32>(monitor.state).toBe(MonitorState.Failed);
    configures(monitor);
    reads(monitor, V_CODE, I_CODE + 80, P_CODE + 50);
    expect<u32>(monitor.state).toBe(MonitorState.Ok);
  });

  test("one step of ten bits: 7.82 mV, 4.89 mA, 39.1 mW, each to the nearest", () => {
    for (let code: u32 = 0; code <= 1023; code++) {
      expect(voltageOf(code)).toBe(<u32>Math.round((<f64>code * 8000) / 1023));
      expect(currentOf(code)).toBe(<u32>Math.round((<f64>code * 5000) / 1023));
      expect(powerOf(code)).toBe(<u32>Math.round((<f64>code * 40000) / 1023));
    }
  });

  test("a monitor that was not started has no deadline and no request", () => {
    const monitor = new PowerMonitor();
    expect<u32>(monitor.state).toBe(MonitorState.NotFitted);
    expect(monitor.deadline_us).toBe(NO_DEADLINE);
    expect(monitor.step(1000000)).toBe(false);
  });
});
