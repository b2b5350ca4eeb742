/** The part of asn1-ber 1.2 (net-snmp's codec, which has no types of its own) that the lab uses. */
declare module 'asn1-ber' {
  export class BerReader {
    constructor(data: Buffer)
    readonly length: number
    readonly offset: number
    readonly remain: number
    peek(): number | null
    readSequence(tag?: number): number | null
    readInt(tag?: number): number | null
    readString(tag: number, asBuffer: true): Buffer | null
    readOID(tag?: number): string | null
  }

  export class BerWriter {
    constructor(options?: { size?: number })
    readonly buffer: Buffer
    writeByte(byte: number): void
    writeInt(value: number, tag?: number): void
    writeBuffer(bytes: Buffer, tag?: number): void
    writeOID(oid: string, tag?: number): void
    startSequence(tag?: number): void
    endSequence(): void
  }
}
