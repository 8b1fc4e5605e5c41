import type { Downloaded, DownloadSink, NetAnswer, NetRequest } from "../net.ts";
import { descriptorOf } from "./open-file.ts";
import { exchange } from "./net-exchange.ts";
import { ToFile, ToMemory } from "./net-receivers.ts";
import { closePools, routeTo } from "./net-routes.ts";

export async function request(request: NetRequest, maxBodyBytes: number): Promise<NetAnswer> {
  const route = routeTo(request.url, request.connectTimeoutMs);
  return exchange(request, route, new ToMemory(route.peer, maxBodyBytes, request.body !== undefined));
}

export async function download(request: NetRequest, sink: DownloadSink): Promise<Downloaded> {
  // Refuses a file of another world before anything is sent.
  descriptorOf(sink.file);
  const route = routeTo(request.url, request.connectTimeoutMs);
  return exchange(request, route, new ToFile(route.peer, sink));
}

export const close = closePools;
