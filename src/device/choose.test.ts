import { expect, test } from "vitest";
import { AprError } from "../base/errors.ts";
import { chooseDevice } from "./choose.ts";
import { fixtureFound } from "./fixture.ts";
import { parseDeviceWord } from "./word.ts";

const two = fixtureFound({ cuda_runtime_available: true, devices: ["A", "B"] });
const none = fixtureFound({ cuda_runtime_available: false });

test("cpu never probes", async () => {
  const choice = await chooseDevice(parseDeviceWord("cpu"), () => Promise.reject(new Error("probed")));
  expect(choice).toEqual({ kind: "cpu", warning: null });
});

test.each([
  ["cuda", "A"],
  ["cuda:1", "B"],
  ["auto", "A"],
])("%s takes %s", async (word, name) => {
  const choice = await chooseDevice(parseDeviceWord(word), () => Promise.resolve(two));
  expect(choice).toMatchObject({ kind: "cuda", device: { name }, warning: null });
});

test.each([
  ["cuda", none, "no-device"],
  ["cuda:2", two, "no-such-device"],
] as const)("%s that is not there is an error, never the CPU", async (word, found, reason) => {
  const failed = chooseDevice(parseDeviceWord(word), () => Promise.resolve(found));
  await expect(failed).rejects.toThrow(AprError);
  await expect(failed).rejects.toMatchObject({
    kind: "device-unavailable",
    exitCode: 14,
    fields: { code: "DEVICE_UNAVAILABLE", device: word, reason },
  });
});

test("auto falls back with one warning that says why", async () => {
  const choice = await chooseDevice(parseDeviceWord("auto"), () => Promise.resolve(none));
  expect(choice).toMatchObject({
    kind: "fallback",
    warning: { code: "DEVICE_FALLBACK", requested: "auto", used: "cpu", reason: "no-device" },
  });
});
