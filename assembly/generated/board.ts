// Generated from boards/slot-hat.json by `npm run generate`. Do not edit.

/** Board the logic was built for. */
export const BOARD_NAME: string = "slot-hat";

// Rails in power-up order; they go down in reverse.
/** Number of rails. */
export const RAIL_COUNT: i32 = 2;
/** Name in messages. */
export const RAIL_NAME: StaticArray<string> = ["3V3_AUX", "5V"];
/** Signal mask that enables: EN_3V3_AUX, EN_5V. */
export const RAIL_ENABLE: StaticArray<u32> = [0x4, 0x8];
/** Signal mask that reports: PG_3V3_AUX, PG_5V. */
export const RAIL_POWER_GOOD: StaticArray<u32> = [0x100, 0x200];
/** Nominal voltage. */
export const RAIL_NOMINAL_MV: StaticArray<u32> = [3300, 5100];
/** From enable to power-good at most. */
export const RAIL_POWER_GOOD_TIMEOUT_MS: StaticArray<u32> = [50, 100];
/** From disable to power-good gone at most. */
export const RAIL_DISCHARGE_TIMEOUT_MS: StaticArray<u32> = [500, 500];

// Sensors: value = code * 3300 mV / 4096 * numerator / denominator; channel -1 where absent.
/** VIN, in mv. */
export const SENSOR_VIN_CHANNEL: i32 = 0;
export const SENSOR_VIN_NUMERATOR: u32 = 8;
export const SENSOR_VIN_DENOMINATOR: u32 = 1;
/** V5, in mv. */
export const SENSOR_V5_CHANNEL: i32 = 1;
export const SENSOR_V5_NUMERATOR: u32 = 2;
export const SENSOR_V5_DENOMINATOR: u32 = 1;
/** I5, in ma. */
export const SENSOR_I5_CHANNEL: i32 = 2;
export const SENSOR_I5_NUMERATOR: u32 = 2;
export const SENSOR_I5_DENOMINATOR: u32 = 1;
/** V3V3, in mv. */
export const SENSOR_V3V3_CHANNEL: i32 = 3;
export const SENSOR_V3V3_NUMERATOR: u32 = 2;
export const SENSOR_V3V3_DENOMINATOR: u32 = 1;
/** TEMPERATURE, in mdeg. */
export const SENSOR_TEMPERATURE_CHANNEL: i32 = 4;
export const SENSOR_TEMPERATURE_NUMERATOR: u32 = 1;
export const SENSOR_TEMPERATURE_DENOMINATOR: u32 = 1;

/** All rails good to COMPUTE_RUN released. */
export const RUN_DELAY_MS: u32 = 20;
/** SHUTDOWN_REQ to HALTED at most. */
export const SHUTDOWN_TIMEOUT_MS: u32 = 60000;
/** COMPUTE_RUN low during a reset. */
export const RESET_PULSE_MS: u32 = 100;
/** Rails down during a power cycle. */
export const CYCLE_OFF_MS: u32 = 2000;

/** 7-bit SMBus address of slot 0; slot n answers at this plus n. */
export const SMBUS_ADDRESS: u32 = 0x10;
/** Who made the board; printable ASCII, 1 to 16 characters. */
export const MANUFACTURER: string = "Racklet";
/** Revision of the board; printable ASCII, 1 to 16 characters. */
export const BOARD_REVISION: string = "0.1.0";
/** Date of the board, YYMMDD. */
export const BOARD_DATE: string = "261121";

/** Lets go of the compute supply at once, in mA. */
export const OVERCURRENT_MA: u32 = 5500;
/** So many conversions in a row. */
export const OVERCURRENT_ROUNDS: u32 = 2;
/** Input below its low fault limit for so long has failed. */
export const BROWN_OUT_US: u32 = 1000;
/** Before each try after a fault; then it is latched. */
export const RETRY_PAUSE_MS: StaticArray<u32> = [1000, 5000, 25000];
/** On for so long, a slot has all tries again. */
export const GOOD_AFTER_MS: u32 = 60000;
/** What input power's return does until somebody says otherwise: last. */
export const RESTORE_POLICY: u32 = 0;
/** Input must be good for so long. */
export const RESTORE_SETTLE_MS: u32 = 1000;
/** Slot n waits n times as long. */
export const RESTORE_STAGGER_MS: u32 = 500;

/** 7-bit address of the power monitor on I2C0; 0 where there is none. */
export const POWER_MONITOR_ADDRESS: u32 = 0x18;
/** Between its SENSE pins. */
export const POWER_MONITOR_SHUNT_MICRO_OHM: u32 = 10000;
// Gains as powers of two: the highest that leave room for the limits of V5 and I5.
export const POWER_MONITOR_VOLTAGE_GAIN_LOG2: u32 = 2;
export const POWER_MONITOR_CURRENT_GAIN_LOG2: u32 = 1;

// Limits. A quantity that the board does not measure has none.
/** There is no such limit. */
export const NO_LIMIT: i32 = -2147483648;
/** VIN, lowest limit that may be set, in mV. */
export const VIN_MINIMUM: i32 = 9000;
/** VIN, fault below, in mV. */
export const VIN_LOW_FAULT: i32 = 10800;
/** VIN, warning below, in mV. */
export const VIN_LOW_WARNING: i32 = 11400;
/** VIN, warning above, in mV. */
export const VIN_HIGH_WARNING: i32 = 20400;
/** VIN, fault above, in mV. */
export const VIN_HIGH_FAULT: i32 = 21000;
/** VIN, highest limit that may be set, in mV. */
export const VIN_MAXIMUM: i32 = 22000;
/** VIN, how far back within a limit it must come to count as good. */
export const VIN_HYSTERESIS: i32 = 200;
/** VIN, beyond a warning limit for so long it counts, in ms. */
export const VIN_WARNING_FILTER_MS: i32 = 100;
/** VIN, beyond a fault limit for so long it counts, in ms. */
export const VIN_FAULT_FILTER_MS: i32 = 20;
/** V5, lowest limit that may be set, in mV. */
export const V5_MINIMUM: i32 = 4000;
/** V5, fault below, in mV. */
export const V5_LOW_FAULT: i32 = 4600;
/** V5, warning below, in mV. */
export const V5_LOW_WARNING: i32 = 4750;
/** V5, warning above, in mV. */
export const V5_HIGH_WARNING: i32 = 5300;
/** V5, fault above, in mV. */
export const V5_HIGH_FAULT: i32 = 5500;
/** V5, highest limit that may be set, in mV. */
export const V5_MAXIMUM: i32 = 6000;
/** V5, how far back within a limit it must come to count as good. */
export const V5_HYSTERESIS: i32 = 50;
/** V5, beyond a warning limit for so long it counts, in ms. */
export const V5_WARNING_FILTER_MS: i32 = 100;
/** V5, beyond a fault limit for so long it counts, in ms. */
export const V5_FAULT_FILTER_MS: i32 = 20;
/** I5, lowest limit that may be set, in mA. */
export const I5_MINIMUM: i32 = 0;
/** I5, fault below, in mA. */
export const I5_LOW_FAULT: i32 = NO_LIMIT;
/** I5, warning below, in mA. */
export const I5_LOW_WARNING: i32 = NO_LIMIT;
/** I5, warning above, in mA. */
export const I5_HIGH_WARNING: i32 = 3000;
/** I5, fault above, in mA. */
export const I5_HIGH_FAULT: i32 = 4000;
/** I5, highest limit that may be set, in mA. */
export const I5_MAXIMUM: i32 = 5000;
/** I5, how far back within a limit it must come to count as good. */
export const I5_HYSTERESIS: i32 = 100;
/** I5, beyond a warning limit for so long it counts, in ms. */
export const I5_WARNING_FILTER_MS: i32 = 200;
/** I5, beyond a fault limit for so long it counts, in ms. */
export const I5_FAULT_FILTER_MS: i32 = 50;
/** P5, lowest limit that may be set, in mW. */
export const P5_MINIMUM: i32 = 0;
/** P5, fault below, in mW. */
export const P5_LOW_FAULT: i32 = NO_LIMIT;
/** P5, warning below, in mW. */
export const P5_LOW_WARNING: i32 = NO_LIMIT;
/** P5, warning above, in mW. */
export const P5_HIGH_WARNING: i32 = 16000;
/** P5, fault above, in mW. */
export const P5_HIGH_FAULT: i32 = 21000;
/** P5, highest limit that may be set, in mW. */
export const P5_MAXIMUM: i32 = 26000;
/** P5, how far back within a limit it must come to count as good. */
export const P5_HYSTERESIS: i32 = 500;
/** P5, beyond a warning limit for so long it counts, in ms. */
export const P5_WARNING_FILTER_MS: i32 = 200;
/** P5, beyond a fault limit for so long it counts, in ms. */
export const P5_FAULT_FILTER_MS: i32 = 50;
/** V3V3, lowest limit that may be set, in mV. */
export const V3V3_MINIMUM: i32 = 2500;
/** V3V3, fault below, in mV. */
export const V3V3_LOW_FAULT: i32 = 2970;
/** V3V3, warning below, in mV. */
export const V3V3_LOW_WARNING: i32 = 3135;
/** V3V3, warning above, in mV. */
export const V3V3_HIGH_WARNING: i32 = 3465;
/** V3V3, fault above, in mV. */
export const V3V3_HIGH_FAULT: i32 = 3630;
/** V3V3, highest limit that may be set, in mV. */
export const V3V3_MAXIMUM: i32 = 4000;
/** V3V3, how far back within a limit it must come to count as good. */
export const V3V3_HYSTERESIS: i32 = 30;
/** V3V3, beyond a warning limit for so long it counts, in ms. */
export const V3V3_WARNING_FILTER_MS: i32 = 100;
/** V3V3, beyond a fault limit for so long it counts, in ms. */
export const V3V3_FAULT_FILTER_MS: i32 = 20;
/** TEMPERATURE, lowest limit that may be set, in millidegrees. */
export const TEMPERATURE_MINIMUM: i32 = -40000;
/** TEMPERATURE, fault below, in millidegrees. */
export const TEMPERATURE_LOW_FAULT: i32 = -30000;
/** TEMPERATURE, warning below, in millidegrees. */
export const TEMPERATURE_LOW_WARNING: i32 = -20000;
/** TEMPERATURE, warning above, in millidegrees. */
export const TEMPERATURE_HIGH_WARNING: i32 = 75000;
/** TEMPERATURE, fault above, in millidegrees. */
export const TEMPERATURE_HIGH_FAULT: i32 = 85000;
/** TEMPERATURE, highest limit that may be set, in millidegrees. */
export const TEMPERATURE_MAXIMUM: i32 = 110000;
/** TEMPERATURE, how far back within a limit it must come to count as good. */
export const TEMPERATURE_HYSTERESIS: i32 = 3000;
/** TEMPERATURE, beyond a warning limit for so long it counts, in ms. */
export const TEMPERATURE_WARNING_FILTER_MS: i32 = 1000;
/** TEMPERATURE, beyond a fault limit for so long it counts, in ms. */
export const TEMPERATURE_FAULT_FILTER_MS: i32 = 1000;
