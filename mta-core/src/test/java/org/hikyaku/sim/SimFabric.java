package org.hikyaku.sim;

/** What connects the hosts of a world. */
final class SimFabric {}
