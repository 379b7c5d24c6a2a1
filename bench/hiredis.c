/* hiredis's parser over the replies of a file: for `hiredis.ts`.
 * Arguments: file, number of replies in it, seconds. Prints replies per second. */
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  FILE *file = fopen(argv[1], "rb");
  if (file == NULL) return 1;
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  char *wire = malloc(size);
  if (fread(wire, 1, size, file) != (size_t)size) return 1;
  const int expected = atoi(argv[2]);
  const double seconds = atof(argv[3]);
  redisReader *reader = redisReaderCreate();
  long replies = 0;
  const double start = now();
  while (now() - start < seconds) {
    int read = 0;
    /* In the pieces that a socket would give. */
    for (long at = 0; at < size; at += 65536) {
      const long rest = size - at;
      redisReaderFeed(reader, wire + at, rest < 65536 ? rest : 65536);
      void *reply;
      while (redisReaderGetReply(reader, &reply) == REDIS_OK && reply != NULL) {
        freeReplyObject(reply);
        read++;
      }
    }
    if (read != expected) return 1;
    replies += read;
  }
  printf("%.0f\n", replies / (now() - start));
  return 0;
}
