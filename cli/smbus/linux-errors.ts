/**
 * What can go wrong on a bus of Linux besides the errors that every SmbusBus has. Each message says what to
 * do next.
 */
import { hexAddress, SmbusError } from "@racklet/client";

/** The bus itself cannot be used: it is not there, not permitted or without a needed function. */
export class BusUnusableError extends Error {}

/** A driver of the kernel has the address, and Linux lets no program speak to it meanwhile. */
export class AddressInUseError extends SmbusError {
  constructor(address: number, bus: number) {
    const path = `/sys/bus/i2c/devices/i2c-${bus}/delete_device`;
    super(
      address,
      `a driver of Linux uses ${hexAddress(address)} on i2c-${bus}; let go of it first, as root: ` +
        `echo ${hexAddress(address)} > ${path}`,
    );
  }
}
