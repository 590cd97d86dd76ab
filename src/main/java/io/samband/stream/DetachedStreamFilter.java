package io.samband.stream;

import io.samband.web.Calls;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.annotation.WebFilter;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Detaches a stream from the JAX-RS runtime once the resource has begun it, by not telling the runtime how the request ends.
 *
 * <p>The runtime has nothing left to do then, but would keep its objects of the request for as long as the stream is open.
 * And Jersey would complete the request a second time when it is told that it is complete, for which Payara logs a stack
 * trace per stream.
 */
// With a slash at the end, too: the runtime serves the stream there as well.
@WebFilter(
    urlPatterns = {DetachedStreamFilter.STREAM, DetachedStreamFilter.STREAM + "/"},
    dispatcherTypes = DispatcherType.FORWARD,
    asyncSupported = true)
public class DetachedStreamFilter extends HttpFilter {
  static final String STREAM = "/" + Calls.INNER + "/" + Calls.INNER + "/sse";
  private static final long serialVersionUID = 1L;

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    chain.doFilter(new DetachedRequest(request), response);
  }

  private static final class DetachedRequest extends HttpServletRequestWrapper {
    DetachedRequest(HttpServletRequest request) {
      super(request);
    }

    @Override
    public AsyncContext startAsync() {
      return new DetachedContext(super.startAsync());
    }

    @Override
    public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
      return new DetachedContext(super.startAsync(request, response));
    }
  }

  /** What the runtime gets in place of the real context, which the resource asks the request for. */
  private record DetachedContext(AsyncContext context) implements AsyncContext {
    @Override
    public void addListener(AsyncListener listener) {
      // Left out: see above.
    }

    @Override
    public void addListener(
        AsyncListener listener, ServletRequest request, ServletResponse response) {
      // Left out: see above.
    }

    @Override
    public void complete() {
      context.complete();
    }

    @Override
    public ServletRequest getRequest() {
      return context.getRequest();
    }

    @Override
    public ServletResponse getResponse() {
      return context.getResponse();
    }

    @Override
    public boolean hasOriginalRequestAndResponse() {
      return context.hasOriginalRequestAndResponse();
    }

    @Override
    public void dispatch() {
      context.dispatch();
    }

    @Override
    public void dispatch(String path) {
      context.dispatch(path);
    }

    @Override
    public void dispatch(ServletContext servletContext, String path) {
      context.dispatch(servletContext, path);
    }

    @Override
    public void start(Runnable run) {
      context.start(run);
    }

    @Override
    public <T extends AsyncListener> T createListener(Class<T> type) throws ServletException {
      return context.createListener(type);
    }

    @Override
    public void setTimeout(long timeout) {
      context.setTimeout(timeout);
    }

    @Override
    public long getTimeout() {
      return context.getTimeout();
    }
  }
}
