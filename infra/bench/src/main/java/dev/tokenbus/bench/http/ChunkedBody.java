package dev.tokenbus.bench.http;

import java.nio.ByteBuffer;

/** A chunked body (RFC 9112 section 7.1), split anywhere; extensions and trailers are skipped. */
final class ChunkedBody implements BodyDecoder {
  private static final int MAX_LINE_BYTES = 8192;
  private static final int MAX_SIZE_DIGITS = 8;

  private enum State {
    SIZE,
    EXTENSION,
    DATA,
    DATA_END,
    TRAILER_START,
    TRAILER,
    DONE
  }

  private State state = State.SIZE;
  private long left;
  private int sizeDigits;
  private int lineBytes;

  @Override
  public boolean decode(ByteBuffer in, Sink out) throws HttpFormatException {
    while (state != State.DONE && in.hasRemaining()) {
      if (state == State.DATA) {
        data(in, out);
      } else {
        line((char) (in.get() & 0xff));
      }
    }
    return state == State.DONE;
  }

  @Override
  public boolean completeAtClose() {
    return state == State.DONE;
  }

  private void data(ByteBuffer in, Sink out) throws HttpFormatException {
    int count = (int) Math.min(left, in.remaining());
    out.bytes(in.slice(in.position(), count));
    in.position(in.position() + count);
    left -= count;
    if (left == 0) {
      state = State.DATA_END;
    }
  }

  private void line(char next) throws HttpFormatException {
    if (++lineBytes > MAX_LINE_BYTES) {
      throw new HttpFormatException(400, "a chunk's line exceeds " + MAX_LINE_BYTES + " bytes");
    }
    switch (state) {
      case SIZE -> size(next);
      case EXTENSION -> {
        if (next == '\n') {
          endOfSize();
        }
      }
      case DATA_END -> {
        if (next == '\n') {
          state = State.SIZE;
          lineBytes = 0;
        } else if (next != '\r') {
          throw new HttpFormatException(400, "a chunk is longer than it says");
        }
      }
      case TRAILER_START -> {
        if (next == '\n') {
          state = State.DONE;
        } else if (next != '\r') {
          state = State.TRAILER;
        }
      }
      case TRAILER -> {
        if (next == '\n') {
          state = State.TRAILER_START;
          lineBytes = 0;
        }
      }
      case DATA, DONE -> throw new IllegalStateException("no line is read in state " + state);
    }
  }

  private void size(char next) throws HttpFormatException {
    int digit = Character.digit(next, 16);
    if (digit >= 0 && next < 128) {
      if (++sizeDigits > MAX_SIZE_DIGITS) {
        throw new HttpFormatException(400, "a chunk's size has too many digits");
      }
      left = left * 16 + digit;
    } else if (sizeDigits == 0) {
      throw new HttpFormatException(400, "a chunk's size is missing");
    } else if (next == '\n') {
      endOfSize();
    } else if (next == ';' || next == ' ' || next == '\t' || next == '\r') {
      state = State.EXTENSION;
    } else {
      throw new HttpFormatException(400, "a chunk's size is not a hexadecimal number");
    }
  }

  private void endOfSize() {
    state = left == 0 ? State.TRAILER_START : State.DATA;
    sizeDigits = 0;
    lineBytes = 0;
  }
}
