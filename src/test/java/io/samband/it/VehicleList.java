package io.samband.it;

import jakarta.enterprise.context.RequestScoped;
import jakarta.faces.context.ExternalContext;
import jakarta.faces.context.FacesContext;
import jakarta.inject.Named;
import jakarta.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.List;

/** What the Faces page of {@code docs/browser-client.md} shows: the vehicles, as the server knows them now. */
@Named("vehicles")
@RequestScoped
public class VehicleList {
  public List<String> getAll() throws IOException {
    ExternalContext request = FacesContext.getCurrentInstance().getExternalContext();
    URI vehicles = URI.create("http://" + request.getRequestServerName() + ":"
        + request.getRequestServerPort() + "/api/vehicles");
    try (InputStream answer = vehicles.toURL().openStream();
        var reader = Json.createReader(answer)) {
      return reader.readObject().getJsonArray("vehicles").stream()
          .map(vehicle -> vehicle.asJsonObject().getString("id") + ": "
              + vehicle.asJsonObject().getString("status"))
          .toList();
    }
  }
}
