/** The verdicts on a sensor and their times: shorted, open, stuck, and good again. */
import { LINEAR_CODES } from "../../../assembly/generated/abi";
import { Health } from "../../../assembly/generated/vocabulary";
import { Expectation, NOTHING_CODES, SensorHealth } from "../../../assembly/sensors/health";

const MS: u64 = 1000;
const SETTLE_MS: u64 = 300;
const STUCK_MS: u64 = 1000;
/** A BMC that has been up for a month: times do not fit 32 bits. */
const START: u64 = 30 * 24 * 3600 * 1000 * MS;

let now: u64 = 0;
let sensor: SensorHealth = new SensorHealth();

beforeEach(() => {
  now = START;
  sensor = new SensorHealth();
});

/** Shows windows of 10 ms with noise for `ms`. Returns how often the verdict changed. */
function noisy(code: u32, expectation: Expectation, ms: u64): i32 {
  return shows(code, code + 3, expectation, ms);
}

function shows(minimum: u32, maximum: u32, expectation: Expectation, ms: u64): i32 {
  let changes = 0;
  for (let spent: u64 = 0; spent < ms; spent += 10) {
    if (sensor.step(now, minimum, maximum, expectation)) changes++;
    now += 10 * MS;
  }
  return changes;
}

const Something = Expectation.Something;
const Nothing = Expectation.Nothing;
const Unknown = Expectation.Unknown;

/** As `noisy` of a rail that is off; another part shows the same. */
function confirmed(code: u32, ms: u64): i32 {
  let changes = 0;
  for (let spent: u64 = 0; spent < ms; spent += 10) {
    if (sensor.step(now, code, code + 3, Nothing, true)) changes++;
    now += 10 * MS;
  }
  return changes;
}

describe("a sensor", () => {
  test("that shows the expected is good, from the first window on", () => {
    expect(noisy(2000, Something, 5000)).toBe(0);
    expect(noisy(5, Nothing, 5000)).toBe(0);
    expect(noisy(2000, Unknown, 5000)).toBe(0);
    expect(noisy(0, Unknown, 5000)).toBe(0);
    expect(sensor.health).toBe(Health.Good);
  });

  test("that shows zero where a voltage must be is shorted after 300 ms, and good again after 300 ms", () => {
    expect(shows(0, 0, Something, SETTLE_MS)).toBe(0);
    expect(sensor.health).toBe(Health.Good);
    expect(sensor.step(now, 0, 0, Something)).toBe(true);
    expect(sensor.health).toBe(Health.Shorted);
    expect(shows(0, 0, Something, 5000)).toBe(0, "reported once");
    expect(noisy(2000, Something, SETTLE_MS)).toBe(0);
    expect(sensor.health).toBe(Health.Shorted);
    expect(noisy(2000, Something, 10)).toBe(1);
    expect(sensor.health).toBe(Health.Good);
  });

  test("is shorted below 16 codes and not at 16", () => {
    expect(shows(0, NOTHING_CODES, Something, 5000)).toBe(0);
    expect(shows(0, NOTHING_CODES - 1, Something, 310)).toBe(1);
    expect(sensor.health).toBe(Health.Shorted);
  });

  test("found shorted stays so until it shows a voltage or is cleared, unless only a board's load proved it", () => {
    expect(shows(0, 0, Something, 310)).toBe(1);
    expect(shows(0, 0, Nothing, 5000)).toBe(0);
    expect(sensor.health).toBe(Health.Shorted);
    expect(sensor.clearFault()).toBe(true);
    expect(sensor.health).toBe(Health.Good);
    expect(sensor.clearFault()).toBe(false, "there is nothing left to clear");
    sensor = new SensorHealth(false);
    expect(shows(0, 0, Something, 310)).toBe(1);
    expect(shows(0, 0, Nothing, 310)).toBe(1);
    expect(sensor.health).toBe(Health.Good);
  });

  test("is proven once it has moved, or while it shows zero", () => {
    expect(shows(2000, 2000, Unknown, 100)).toBe(0);
    expect(sensor.proven).toBe(false);
    expect(shows(2000, 2001, Unknown, 10)).toBe(0);
    expect(sensor.proven).toBe(true);
    sensor = new SensorHealth();
    expect(shows(0, 0, Nothing, 10)).toBe(0);
    expect(sensor.proven).toBe(true);
  });

  test("without samples is silent at once, and good 300 ms after samples return", () => {
    expect(sensor.fallSilent()).toBe(true);
    expect(sensor.fallSilent()).toBe(false);
    expect(sensor.health).toBe(Health.Silent);
    expect(noisy(2000, Something, SETTLE_MS)).toBe(0);
    expect(noisy(2000, Something, 10)).toBe(1);
    expect(sensor.health).toBe(Health.Good);
  });

  test("that shows zero where zero or anything may be is not shorted", () => {
    expect(shows(0, 0, Nothing, 5000)).toBe(0);
    expect(shows(0, 0, Unknown, 5000)).toBe(0);
  });

  test("at full scale is open, whatever is expected; one code below it is not", () => {
    for (let expectation = 0; expectation < 3; expectation++) {
      sensor = new SensorHealth();
      expect(shows(LINEAR_CODES - 17, LINEAR_CODES - 1, <Expectation>expectation, 5000)).toBe(
        expectation == <i32>Nothing ? 1 : 0,
      );
      sensor = new SensorHealth();
      expect(noisy(LINEAR_CODES - 16, <Expectation>expectation, 310)).toBe(1);
      expect(sensor.health).toBe(Health.Open);
    }
  });

  test("that shows more than a tenth of full scale where zero must be is open", () => {
    expect(noisy(LINEAR_CODES / 10, Nothing, 5000)).toBe(0);
    expect(noisy(LINEAR_CODES / 10 + 1, Nothing, 310)).toBe(1);
    expect(sensor.health).toBe(Health.Open);
    expect(noisy(LINEAR_CODES / 10 + 1, Something, 310)).toBe(1);
    expect(sensor.health).toBe(Health.Good);
  });

  test("without one code of noise is stuck after a second and 300 ms, good once it moves", () => {
    expect(noisy(2000, Something, 100)).toBe(0);
    expect(shows(2000, 2000, Something, STUCK_MS + SETTLE_MS)).toBe(0);
    expect(shows(2000, 2000, Something, 20)).toBe(1);
    expect(sensor.health).toBe(Health.Stuck);
    expect(noisy(2000, Something, SETTLE_MS)).toBe(0);
    expect(noisy(2000, Something, 10)).toBe(1);
    expect(sensor.health).toBe(Health.Good);
  });

  test("whose windows are each constant but differ counts as moving", () => {
    for (let i = 0; i < 500; i++) {
      const code = 2000 + (i & 1);
      expect(sensor.step(now, code, code, Something)).toBe(false);
      now += 10 * MS;
    }
  });

  test("that stands still near zero is not stuck, because a rail that is off is that quiet", () => {
    expect(shows(3, 3, Nothing, 5000)).toBe(0);
    expect(shows(NOTHING_CODES - 1, NOTHING_CODES - 1, Unknown, 5000)).toBe(0);
    expect(shows(NOTHING_CODES, NOTHING_CODES, Unknown, 5000)).toBe(1);
    expect(sensor.health).toBe(Health.Stuck);
  });

  test("whose contact comes and goes within 300 ms is not judged meanwhile", () => {
    for (let i = 0; i < 50; i++) {
      expect(shows(0, 0, Something, 290)).toBe(0);
      expect(noisy(2000, Something, 10)).toBe(0);
    }
    expect(sensor.health).toBe(Health.Good);
  });

  test("that changes from one fault to another is reported after another 300 ms", () => {
    expect(shows(0, 0, Something, 310)).toBe(1);
    expect(noisy(LINEAR_CODES - 10, Something, SETTLE_MS)).toBe(0);
    expect(sensor.health).toBe(Health.Shorted);
    expect(noisy(LINEAR_CODES - 10, Something, 10)).toBe(1);
    expect(sensor.health).toBe(Health.Open);
  });

  test("is judged the same directly after the start, when the time is near zero", () => {
    now = 0;
    expect(shows(0, 0, Something, SETTLE_MS)).toBe(0);
    expect(shows(0, 0, Something, 10)).toBe(1);
  });
});

describe("a rail that is off and shows a voltage", () => {
  test("is fed from outside if another part shows it too, and good again when it is empty or on", () => {
    expect(confirmed(900, SETTLE_MS)).toBe(0);
    expect(confirmed(900, 10)).toBe(1);
    expect(sensor.health).toBe(Health.Fed);
    expect(confirmed(900, 5000)).toBe(0, "reported once");
    expect(noisy(5, Nothing, SETTLE_MS + 10)).toBe(1);
    expect(sensor.health).toBe(Health.Good);
    expect(confirmed(900, SETTLE_MS + 10)).toBe(1);
    expect(noisy(3100, Something, SETTLE_MS + 10)).toBe(1);
    expect(sensor.health).toBe(Health.Good);
  });

  test("has an open sensor if the other part no longer shows it", () => {
    expect(confirmed(900, SETTLE_MS + 10)).toBe(1);
    expect(noisy(900, Nothing, SETTLE_MS + 10)).toBe(1);
    expect(sensor.health).toBe(Health.Open);
  });

  test("is fed if the reading fell with the rail and stopped, and has an open sensor if it did not fall", () => {
    expect(noisy(3100, Something, 1000)).toBe(0);
    expect(noisy(2600, Nothing, SETTLE_MS + 10)).toBe(1);
    expect(sensor.health).toBe(Health.Fed);
    expect(noisy(1200, Nothing, 5000)).toBe(0, "another voltage below the rail's");
    sensor = new SensorHealth();
    expect(noisy(3100, Something, 1000)).toBe(0);
    expect(noisy(3100 - LINEAR_CODES / 64, Nothing, SETTLE_MS + 10)).toBe(1);
    expect(sensor.health).toBe(Health.Open);
  });

  test("has an open sensor if the rail was empty before and nothing else shows a voltage", () => {
    expect(noisy(3100, Something, 1000)).toBe(0);
    expect(noisy(5, Nothing, 100)).toBe(0);
    expect(noisy(2600, Nothing, SETTLE_MS + 10)).toBe(1);
    expect(sensor.health).toBe(Health.Open);
  });

  test("is fed if a user says so, until it was empty", () => {
    expect(noisy(2600, Nothing, SETTLE_MS + 10)).toBe(1);
    expect(sensor.clearFault()).toBe(true);
    expect(sensor.health).toBe(Health.Fed);
    expect(sensor.clearFault()).toBe(false);
    expect(noisy(2600, Nothing, 5000)).toBe(0);
    expect(noisy(5, Nothing, SETTLE_MS + 10)).toBe(1);
    expect(noisy(2600, Nothing, SETTLE_MS + 10)).toBe(1);
    expect(sensor.health).toBe(Health.Open);
  });

  test("has an open or a stuck sensor at full scale and without noise, whatever else shows a voltage", () => {
    expect(confirmed(LINEAR_CODES - 10, SETTLE_MS + 10)).toBe(1);
    expect(sensor.health).toBe(Health.Open);
    expect(sensor.clearFault()).toBe(false, "no rail has that voltage");
    sensor = new SensorHealth();
    for (let spent: u64 = 0; spent < STUCK_MS + SETTLE_MS + 20; spent += 10) {
      sensor.step(now, 900, 900, Nothing, true);
      now += 10 * MS;
    }
    expect(sensor.health).toBe(Health.Stuck);
  });

  test("is never the verdict on a current, which no rail can be fed with", () => {
    sensor = new SensorHealth(false);
    expect(confirmed(900, SETTLE_MS + 10)).toBe(1);
    expect(sensor.health).toBe(Health.Open);
    expect(sensor.clearFault()).toBe(false);
  });
});
