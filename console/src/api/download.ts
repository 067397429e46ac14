// Files of the API that are saved on the reader's machine. They come piece by piece, so it is known how far they are.
import { useCallback, useEffect, useRef, useState } from "react";
import { saveFile } from "@/design/saveFile";
import { fetchFile } from "./client";

export interface Progress {
  received: number;
  /** Bytes of the whole file; null where the service does not know yet how long it becomes. */
  total: number | null;
}

export interface Download {
  /** How far the file is; null while none is being fetched. */
  progress: Progress | null;
  /** Fetch a path and save what comes as a file of that name; false: it was cancelled. Throws ApiProblem. */
  start: (path: string, name: string) => Promise<boolean>;
  cancel: () => void;
}

/** Return what fetches files, one at a time; it ends with the page that shows it. */
export function useDownload(): Download {
  const [progress, setProgress] = useState<Progress | null>(null);
  const running = useRef<AbortController | null>(null);
  const cancel = useCallback(() => running.current?.abort(), []);
  useEffect(() => cancel, [cancel]);

  const start = useCallback(async (path: string, name: string) => {
    const own = new AbortController();
    running.current = own;
    setProgress({ received: 0, total: null });
    try {
      const pieces = await read(await fetchFile(path, own.signal), setProgress);
      saveFile(name, new Blob(pieces));
      return true;
    } catch (error) {
      if (own.signal.aborted) return false;
      throw error;
    } finally {
      setProgress(null);
    }
  }, []);
  return { progress, start, cancel };
}

async function read(response: Response, tell: (progress: Progress) => void): Promise<Uint8Array<ArrayBuffer>[]> {
  const length = response.headers.has("Content-Encoding") ? 0 : Number(response.headers.get("Content-Length"));
  const total = length > 0 ? length : null;
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const reader = response.body?.getReader();
  let received = 0;
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    received += value.byteLength;
    tell({ received, total });
  }
  return pieces;
}
