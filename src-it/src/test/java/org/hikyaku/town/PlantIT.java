package org.hikyaku.town;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A test of the test: each planted bug is found, and the seed that found it is printed. */
class PlantIT {
    private static final int SEEDS_MAX = 60;

    @ParameterizedTest
    @EnumSource(value = Plant.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void isFound(Plant plant) {
        for (long seed = 1; seed <= SEEDS_MAX; seed++) {
            Optional<String> wrong =
                    wrongIn(seed, plant).stream().filter(plant::isTold).findFirst();
            if (wrong.isPresent()) {
                System.out.printf(
                        "planted %s (%s): seed %d: %s%n",
                        plant,
                        plant.claim,
                        seed,
                        wrong.get().lines().findFirst().orElse(""));
                return;
            }
        }
        assertThat(plant).as("not found in " + SEEDS_MAX + " seeds").isNull();
    }

    private static List<String> wrongIn(long seed, Plant plant) {
        try (Town town = new Town(seed, plant)) {
            return town.live().wrong();
        }
    }
}
