/**
 * The registers that Linux' generic `pmbus` driver looks for, in its order: sensors, the status register that
 * has the alarms of each, and the limits (drivers/hwmon/pmbus/pmbus.c, pmbus_find_sensor_groups();
 * pmbus_core.c, the attribute tables).
 */

export interface Register {
  readonly name: string;
  readonly code: number;
}

export interface Sensor extends Register {
  readonly unit: "V" | "A" | "W" | "°C" | "rpm";
  /**
   * The register with the alarms. Limits are looked for only where it exists; 0 for a sensor without alarms.
   */
  readonly status: number;
  readonly linear16?: boolean;
}

const STATUS_VOUT = 0x7a;
const STATUS_IOUT = 0x7b;
const STATUS_INPUT = 0x7c;
const STATUS_TEMPERATURE = 0x7d;
const STATUS_FANS_1_2 = 0x81;
const STATUS_FANS_3_4 = 0x82;

interface Group {
  readonly sensors: readonly Sensor[];
  readonly status: number;
  /** The driver asks for the sensors only where this register exists. */
  readonly configuration?: number;
}

/** The driver asks for these on page 0 only. */
export const GROUPS: readonly Group[] = [
  {
    sensors: [
      { name: "READ_VIN", code: 0x88, unit: "V", status: STATUS_INPUT },
      { name: "READ_VCAP", code: 0x8a, unit: "V", status: 0 },
      { name: "READ_IIN", code: 0x89, unit: "A", status: STATUS_INPUT },
      { name: "READ_PIN", code: 0x97, unit: "W", status: STATUS_INPUT },
    ],
    status: STATUS_INPUT,
  },
  {
    sensors: [{ name: "READ_FAN_SPEED_1", code: 0x90, unit: "rpm", status: STATUS_FANS_1_2 }],
    status: STATUS_FANS_1_2,
    configuration: 0x3a,
  },
  {
    sensors: [{ name: "READ_FAN_SPEED_3", code: 0x92, unit: "rpm", status: STATUS_FANS_3_4 }],
    status: STATUS_FANS_3_4,
    configuration: 0x3d,
  },
  {
    sensors: [
      { name: "READ_TEMPERATURE_1", code: 0x8d, unit: "°C", status: STATUS_TEMPERATURE },
      { name: "READ_TEMPERATURE_2", code: 0x8e, unit: "°C", status: STATUS_TEMPERATURE },
      { name: "READ_TEMPERATURE_3", code: 0x8f, unit: "°C", status: STATUS_TEMPERATURE },
    ],
    status: STATUS_TEMPERATURE,
  },
];

/** The driver asks for these on every page. */
export const OUTPUTS = {
  vout: { name: "READ_VOUT", code: 0x8b, unit: "V", status: STATUS_VOUT, linear16: true },
  iout: { name: "READ_IOUT", code: 0x8c, unit: "A", status: STATUS_IOUT },
  pout: { name: "READ_POUT", code: 0x96, unit: "W", status: STATUS_IOUT },
} as const satisfies Readonly<Record<string, Sensor>>;

const TEMPERATURE_LIMITS: readonly Register[] = [
  { name: "UT_WARN_LIMIT", code: 0x52 },
  { name: "UT_FAULT_LIMIT", code: 0x53 },
  { name: "OT_WARN_LIMIT", code: 0x51 },
  { name: "OT_FAULT_LIMIT", code: 0x4f },
  { name: "MFR_MAX_TEMP_1", code: 0xc0 },
];

export const LIMITS: Readonly<Record<string, readonly Register[]>> = {
  READ_VIN: [
    { name: "VIN_UV_WARN_LIMIT", code: 0x58 },
    { name: "VIN_UV_FAULT_LIMIT", code: 0x59 },
    { name: "VIN_OV_WARN_LIMIT", code: 0x57 },
    { name: "VIN_OV_FAULT_LIMIT", code: 0x55 },
    { name: "MFR_VIN_MIN", code: 0xa0 },
    { name: "MFR_VIN_MAX", code: 0xa1 },
  ],
  READ_IIN: [
    { name: "IIN_OC_WARN_LIMIT", code: 0x5d },
    { name: "IIN_OC_FAULT_LIMIT", code: 0x5b },
    { name: "MFR_IIN_MAX", code: 0xa2 },
  ],
  READ_PIN: [
    { name: "PIN_OP_WARN_LIMIT", code: 0x6b },
    { name: "MFR_PIN_MAX", code: 0xa3 },
  ],
  READ_VOUT: [
    { name: "VOUT_UV_WARN_LIMIT", code: 0x43 },
    { name: "VOUT_UV_FAULT_LIMIT", code: 0x44 },
    { name: "VOUT_OV_WARN_LIMIT", code: 0x42 },
    { name: "VOUT_OV_FAULT_LIMIT", code: 0x40 },
    { name: "MFR_VOUT_MIN", code: 0xa4 },
    { name: "MFR_VOUT_MAX", code: 0xa5 },
  ],
  READ_IOUT: [
    { name: "IOUT_OC_WARN_LIMIT", code: 0x4a },
    { name: "IOUT_UC_FAULT_LIMIT", code: 0x4b },
    { name: "IOUT_OC_FAULT_LIMIT", code: 0x46 },
    { name: "MFR_IOUT_MAX", code: 0xa6 },
  ],
  READ_POUT: [
    { name: "POUT_MAX", code: 0x31 },
    { name: "POUT_OP_WARN_LIMIT", code: 0x6a },
    { name: "POUT_OP_FAULT_LIMIT", code: 0x68 },
    { name: "MFR_POUT_MAX", code: 0xa7 },
  ],
  READ_TEMPERATURE_1: TEMPERATURE_LIMITS,
  READ_TEMPERATURE_2: TEMPERATURE_LIMITS,
  READ_TEMPERATURE_3: TEMPERATURE_LIMITS,
};
