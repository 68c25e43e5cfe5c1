/** Bytes of attachments that may wait in memory until they are stored; beyond, further ones are left out. */
const ROOM_BYTES = 128 * 1024 * 1024;

let takenBytes = 0;

/** Takes room for an attachment; false where there is none. */
export function takeRoom(sizeBytes: number): boolean {
  if (takenBytes + sizeBytes > ROOM_BYTES) return false;
  takenBytes += sizeBytes;
  return true;
}

/** Gives back the room of an attachment that is stored, or given up. */
export function giveRoom(sizeBytes: number): void {
  takenBytes = Math.max(0, takenBytes - sizeBytes);
}
