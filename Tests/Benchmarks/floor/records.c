#define _GNU_SOURCE
#include "records.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_CAPACITY = 1024, HEADER_OCTETS = 64 };

static int file;
static uint32_t *free_numbers; /* a stack: the number that was freed last is warm */
static uint32_t free_count, capacity, next_number;

void records_open(const char *path)
{
    char *copy = strdup(path), *name;
    if (!copy || asprintf(&name, "%s/sockets", dirname(copy)) < 0)
        err(1, "records");
    file = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        err(1, "%s", name);
    free(name);
    free(copy);
}

static int write_at(uint32_t number, const struct record *record)
{
    off_t place = HEADER_OCTETS + (off_t)number * (off_t)sizeof *record;
    ssize_t size = pwrite(file, record, sizeof *record, place);
    return size == sizeof *record ? 0 : size < 0 ? errno : ENOSPC;
}

static void give_back(uint32_t number)
{
    if (free_count == capacity) {
        capacity = capacity ? capacity * 2 : FIRST_CAPACITY;
        free_numbers = reallocarray(free_numbers, capacity, sizeof *free_numbers);
        if (!free_numbers)
            err(1, "records");
    }
    free_numbers[free_count++] = number;
}

int records_keep(const struct record *record, uint32_t *number)
{
    *number = free_count > 0 ? free_numbers[--free_count] : next_number++;
    int error = write_at(*number, record);
    if (error != 0)
        give_back(*number);
    return error;
}

void records_erase(uint32_t number)
{
    static const struct record nothing;
    if (write_at(number, &nothing) != 0)
        warnx("a record stays");
    give_back(number);
}
