using Gateway.Wire;

namespace Gateway.Session;

/// <summary>What the book has to say to the exchange, on its way to the thread that sends it.</summary>
/// <param name="Type"><see cref="MessageType.Acknowledge"/> or <see cref="MessageType.TopOfBook"/>.</param>
/// <param name="Sequence">The message that it answers.</param>
/// <param name="Due">When that was due.</param>
/// <param name="Top">The best prices after it.</param>
internal readonly record struct Answer(MessageType Type, long Sequence, long Due, TopOfBook Top);
