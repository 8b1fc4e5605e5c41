/* A CUDA driver library that misbehaves as MODE says. Only what the probe calls. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef COUNT
#define COUNT 1
#endif
#ifndef NAME
#define NAME "Stub GPU"
#endif
#ifndef INIT
#define INIT 0
#endif
#ifndef CUDA
#define CUDA 12040
#endif

int cuInit(unsigned flags) {
#ifdef HANG
  for (;;) sleep(60);
#endif
#ifdef CRASH
  raise(SIGSEGV);
#endif
#ifdef CHATTER
  printf("driver says: APR-PROBE {\"kind\":\"answer\"}");
  fflush(stdout);
#endif
  return INIT;
}
int cuDriverGetVersion(int *version) { return *version = CUDA, 0; }
int cuDeviceGetCount(int *count) { return *count = COUNT, 0; }
int cuDeviceGet(int *device, int ordinal) { return *device = ordinal, 0; }
int cuDeviceGetName(char *name, int length, int device) { return strncpy(name, NAME, length), 0; }
int cuDeviceTotalMem_v2(size_t *bytes, int device) { return *bytes = 85899345920ul, 0; }
int cuDeviceGetAttribute(int *value, int attribute, int device) { return *value = attribute == 75 ? 9 : 0, 0; }
int cuDeviceGetUuid_v2(char *uuid, int device) {
  for (int i = 0; i < 16; i++) uuid[i] = (char)(device * 16 + i);
  return 0;
}
