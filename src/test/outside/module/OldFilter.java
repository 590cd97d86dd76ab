package com.example.weather;

import jakarta.servlet.annotation.WebFilter;
import jakarta.servlet.http.HttpFilter;

/** A filter that does not support asynchronous requests, on one of the two spellings of the stream's path. */
@WebFilter("/push/sse/")
public class OldFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;
}
