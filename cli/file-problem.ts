/** Explains to the user why a file could not be read or written, instead of the system's error codes. */

const PROBLEMS: Record<string, string> = {
  ENOENT: "there is no such file",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "that is a folder",
  ENOTDIR: "part of the path is no folder",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left on the device",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be too large",
  EIO: "the device reports an error",
  EPIPE: "its reader has closed it",
};

export function fileProblem(error: unknown): string {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return PROBLEMS[code] ?? message;
}
