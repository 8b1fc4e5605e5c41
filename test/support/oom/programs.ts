import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "../temp.ts";

/** Takes memory a MiB at a time and touches it, not too fast to be seen; ends when it is refused. */
export const HOG_C = `
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(void) {
  for (int taken = 0; taken < 4096; taken++) {
    char *block = malloc(1 << 20);
    if (block == NULL) { fprintf(stderr, "hog: out of memory\\n"); return 7; }
    memset(block, 1, 1 << 20);
    usleep(500);
  }
  return 0;
}
`;

export const HOG_CPP = `
#include <vector>
int main() {
  std::vector<char *> blocks;
  for (;;) blocks.push_back(new char[16 << 20]());
}
`;

export const HOG_RUST = `
fn main() {
    let mut blocks: Vec<Vec<u8>> = Vec::new();
    loop {
        blocks.push(vec![1u8; 16 << 20]);
    }
}
`;

export const HOG_PYTHON = 'x = []\nwhile True: x.append(b"x" * 1000000)';

/** Compiles a program into a folder of its own; undefined with the compiler's words when it does not. */
export function compiled(compiler: "gcc" | "g++" | "rustc", source: string): string {
  const suffix = { gcc: "c", "g++": "cpp", rustc: "rs" }[compiler];
  const folder = tempDir();
  const [file, program] = [join(folder, `hog.${suffix}`), join(folder, "hog")];
  writeFileSync(file, source);
  const { status, stderr } = spawnSync(compiler, ["-O", "-o", program, file], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${compiler}: ${stderr}`);
  return program;
}
