package io.samband.log;

/** The engine of the tests keeps the contract, too: what is tried on it holds for the others. */
class FakeDiskTest extends LogEngineContract {
  private final FakeDisk disk = new FakeDisk();

  @Override
  protected LogEngine newEngine(long retainEvents) {
    return disk.engine(retainEvents);
  }
}
