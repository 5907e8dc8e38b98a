package dev.tokenbus.bench.provider;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A client that sees every byte as it comes. */
final class RawSocket implements AutoCloseable {
  private final Socket socket;

  RawSocket(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(10_000);
  }

  static String request(String body) {
    return "POST /v1/chat/completions HTTP/1.1\r\nHost: mock\r\nContent-Length: "
        + body.getBytes(StandardCharsets.UTF_8).length
        + "\r\n\r\n"
        + body;
  }

  static String streamRequest(String model, String prompt) {
    return request(MockClient.chat(model, prompt, "\"stream\":true"));
  }

  RawSocket send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.UTF_8));
  }

  RawSocket send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  void timeout(int milliseconds) throws IOException {
    socket.setSoTimeout(milliseconds);
  }

  /** One read: what the kernel has at this moment; empty at the end. */
  byte[] read() throws IOException {
    byte[] buffer = new byte[65_536];
    int count = socket.getInputStream().read(buffer);
    return Arrays.copyOf(buffer, Math.max(0, count));
  }

  String readUntil(String end) throws IOException {
    InputStream in = socket.getInputStream();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (!all.toString(StandardCharsets.UTF_8).endsWith(end)) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("closed after: " + all.toString(StandardCharsets.UTF_8));
      }
      all.write(next);
    }
    return all.toString(StandardCharsets.UTF_8);
  }

  byte[] readExactly(int count) throws IOException {
    return socket.getInputStream().readNBytes(count);
  }

  /** The decoded body of a chunked answer whose head has not been read. */
  String readToEndOfChunks() throws IOException {
    readUntil("\r\n\r\n");
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    int size = Integer.parseInt(readUntil("\r\n").strip(), 16);
    while (size > 0) {
      body.write(readExactly(size));
      readExactly(2);
      size = Integer.parseInt(readUntil("\r\n").strip(), 16);
    }
    return body.toString(StandardCharsets.UTF_8);
  }

  String readToEnd() throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
