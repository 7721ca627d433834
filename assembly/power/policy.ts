/** The restore policy: the `policy` command, and the one way to set another. */
import { endLine, key, text } from "../console/output";
import { Origin, RestorePolicy, restorePolicyText } from "../generated/vocabulary";
import * as settings from "../settings/settings";
import * as power from "./power";

export const NAMES: StaticArray<string> = ["last", "always-on", "always-off"];

export function show(): void {
  key("policy");
  text(restorePolicyText(settings.restorePolicy()));
  endLine();
}

/** Takes effect at once, and is kept. */
export function set(now_us: u64, policy: RestorePolicy, origin: Origin): void {
  settings.setRestorePolicy(policy);
  power.setPolicy(now_us, policy, origin);
}
