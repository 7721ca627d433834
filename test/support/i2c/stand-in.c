/*
 * A stand-in for /dev/i2c-N, preloaded into i2c-tools: each call on the device goes as one line of text to
 * the socket in I2C_STAND_IN, where the test answers with one line. This is the boundary of the kernel, so
 * everything above it is what runs on a real computer. The lines are
 *
 *   open 7                                   0, or the error's number
 *   functions                                0 and a hexadecimal mask, or the error's number
 *   address 16                               0, or the error's number
 *   transfer 16 0 1 88 16 1 3 -              0 and the hexadecimal bytes read, or the error's number
 *
 * with address, flags, length and bytes of each message behind "transfer".
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int device = -1;
static char line[4096];

/* Sends the line and reads the answer into it. Returns the error's number, and 0 where there is none. */
static int ask(char **rest) {
    size_t length = strlen(line);
    if (write(device, line, length) != (ssize_t)length) return EIO;
    for (length = 0; length < sizeof line - 1; length++) {
        if (read(device, line + length, 1) != 1) return EIO;
        if (line[length] == '\n') break;
    }
    line[length] = 0;
    return (int)strtol(line, rest, 10);
}

static int failed(int error) {
    if (error == 0) return 0;
    errno = error;
    return -1;
}

static int open_device(const char *path) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    strncpy(name.sun_path, getenv("I2C_STAND_IN"), sizeof name.sun_path - 1);
    device = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(device, (struct sockaddr *)&name, sizeof name) != 0) return -1;
    char *rest;
    snprintf(line, sizeof line, "open %s\n", path + strlen("/dev/i2c-"));
    int error = ask(&rest);
    return error == 0 ? device : failed(error);
}

static int open_any(const char *path, int flags, mode_t mode) {
    int is_device = strncmp(path, "/dev/i2c-", strlen("/dev/i2c-")) == 0;
    if (is_device && getenv("I2C_STAND_IN")) return open_device(path);
    int (*next)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    return next(path, flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
    va_end(list);
    return open_any(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
    va_end(list);
    return open_any(path, flags, mode);
}

/* The forms that a build with _FORTIFY_SOURCE calls. */
int __open_2(const char *path, int flags) { return open_any(path, flags, 0); }
int __open64_2(const char *path, int flags) { return open_any(path, flags, 0); }

static int transfer(struct i2c_rdwr_ioctl_data *all) {
    size_t at = (size_t)snprintf(line, sizeof line, "transfer");
    for (unsigned i = 0; i < all->nmsgs; i++) {
        struct i2c_msg *one = &all->msgs[i];
        at += (size_t)snprintf(line + at, sizeof line - at, " %u %u %u ", one->addr, one->flags, one->len);
        if (one->flags & I2C_M_RD || one->len == 0) at += (size_t)snprintf(line + at, sizeof line - at, "-");
        else
            for (unsigned byte = 0; byte < one->len; byte++)
                at += (size_t)snprintf(line + at, sizeof line - at, "%02x", one->buf[byte]);
    }
    snprintf(line + at, sizeof line - at, "\n");
    char *rest;
    int error = ask(&rest);
    if (error != 0) return failed(error);
    while (*rest == ' ') rest++;
    for (unsigned i = 0; i < all->nmsgs; i++) {
        struct i2c_msg *one = &all->msgs[i];
        for (unsigned byte = 0; (one->flags & I2C_M_RD) && byte < one->len && *rest; byte++, rest += 2) {
            unsigned value = 0;
            sscanf(rest, "%2x", &value);
            one->buf[byte] = (unsigned char)value;
        }
    }
    return (int)all->nmsgs;
}

int ioctl(int file, unsigned long request, ...) {
    va_list list;
    va_start(list, request);
    void *argument = va_arg(list, void *);
    va_end(list);
    if (file != device || device < 0) {
        int (*next)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
        return next(file, request, argument);
    }
    char *rest;
    int error;
    switch (request) {
    case I2C_FUNCS:
        snprintf(line, sizeof line, "functions\n");
        error = ask(&rest);
        if (error == 0) *(unsigned long *)argument = strtoul(rest, NULL, 16);
        return failed(error);
    case I2C_SLAVE:
        snprintf(line, sizeof line, "address %lu\n", (unsigned long)argument);
        return failed(ask(&rest));
    case I2C_RDWR:
        return transfer(argument);
    default:
        return failed(ENOTTY);
    }
}
