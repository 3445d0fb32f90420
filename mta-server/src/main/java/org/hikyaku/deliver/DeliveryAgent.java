package org.hikyaku.deliver;

/**
 * Brings mail to its next place. Used by many tasks at once; waits only through the World.
 *
 * <p><i>Failure:</i> whatever happens, each recipient has an outcome; Delivered only when the next place has answered
 * for him, or the disk has.
 */
public interface DeliveryAgent {
    Outcomes deliver(Delivery delivery);
}
