package io.samband.stream;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncListener;
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
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Lets a stream be completed once only.
 *
 * <p>Jersey completes the request again when it hears that it is complete, and Payara logs a stack trace for it: at the end
 * of 5,000 streams that is 5,000 stack traces, and longer than an orchestrator waits.
 */
@WebFilter(urlPatterns = "/api/sse", asyncSupported = true)
public class SingleCompletionFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    chain.doFilter(new SingleCompletionRequest(request), response);
  }

  private static final class SingleCompletionRequest extends HttpServletRequestWrapper {
    private AsyncContext context;

    SingleCompletionRequest(HttpServletRequest request) {
      super(request);
    }

    @Override
    public AsyncContext startAsync() {
      context = new SingleCompletion(super.startAsync());
      return context;
    }

    @Override
    public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
      context = new SingleCompletion(super.startAsync(request, response));
      return context;
    }

    @Override
    public AsyncContext getAsyncContext() {
      return context == null ? super.getAsyncContext() : context;
    }
  }

  private static final class SingleCompletion implements AsyncContext {
    private final AsyncContext context;
    private final AtomicBoolean complete = new AtomicBoolean();

    SingleCompletion(AsyncContext context) {
      this.context = context;
    }

    @Override
    public void complete() {
      if (complete.compareAndSet(false, true)) {
        context.complete();
      }
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
    public void addListener(AsyncListener listener) {
      context.addListener(listener);
    }

    @Override
    public void addListener(
        AsyncListener listener, ServletRequest request, ServletResponse response) {
      context.addListener(listener, request, response);
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
