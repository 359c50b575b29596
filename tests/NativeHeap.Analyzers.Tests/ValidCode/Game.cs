// Entities and components of a game: generic code over stubs, nested types, records, several owners at once.
#nullable enable

namespace Valid.Game
{
    [NativeAllocated]
    public readonly partial record struct Position(float X, float Y, float Z)
    {
        public float Length => MathF.Sqrt((X * X) + (Y * Y) + (Z * Z));
    }

    public sealed partial class World
    {
        [NativeAllocated]
        internal partial struct Entity
        {
            public ulong Id;
            public System.Numerics.Matrix4x4 Transform;
            public uint Mask;

            public bool Alive { readonly get; set; }
        }

        private static int s_alive;

        internal static void Spawn(int count)
        {
            Span<NativePointer<Entity>> entities = stackalloc NativePointer<Entity>[64];
            for (int left = count; left > 0; left -= entities.Length)
            {
                Span<NativePointer<Entity>> some = entities[..Math.Min(left, entities.Length)];
                Entity.AllocBatch(some);
                foreach (NativePointer<Entity> entity in some)
                {
                    entity.Value = new Entity { Id = (ulong)s_alive++, Alive = true };
                }

                Entity.FreeBatch(some);
            }
        }

        internal static ulong Two()
        {
            using (NativeOwner<Entity> a = Entity.Rent(), b = Entity.Rent())
            {
                a.Value.Id = 1;
                b.Value = a.Value;
                return a.Value.Id + b.Value.Id;
            }
        }
    }

    public static class Pool<T>
        where T : unmanaged, INativeAllocated<T>
    {
        public static NativeOwner<T> Rent(in T value)
        {
            NativeOwner<T> owner = NativeHeap.CompilerServices.NativeStubs.Rent<T, T>();
            owner.Value = value;
            return owner;
        }

        public static T Last(ReadOnlySpan<T> values)
        {
            using NativeOwner<T> last = Rent(default);
            foreach (T value in values)
            {
                last.Value = value;
            }

            return last.Value;
        }

        public static void Replace(ref NativeOwner<T> owner, T value)
        {
            using NativeOwner<T> old = owner.Move();
            owner = NativeHeap.CompilerServices.NativeStubs.Rent<T, T>();
            owner.Value = value;
        }
    }

    public ref struct Scope
    {
        private NativeOwner<Position> _position;
        private bool _moved;

        public Scope(in Position start) => _position = Position.Rent(in start);

        [System.Diagnostics.CodeAnalysis.UnscopedRef]
        public readonly ref Position Position1 => ref _position.Value;

        public NativeOwner<Position> Leave()
        {
            _moved = true;
            return _position.Move();
        }

        public void Dispose()
        {
            if (!_moved)
            {
                _position.Dispose();
            }
        }
    }

    public static class Steps
    {
        public static float Walk(ReadOnlySpan<Position> way)
        {
            using Scope scope = new(in way[0]);
            float length = 0;
            foreach (Position step in way)
            {
                length += step.Length;
                scope.Position1 = step;
            }

            using NativeOwner<Position> last = scope.Leave();
            return length + last.Value.X;
        }

        public static unsafe float Unsafely(int count)
        {
            var position = Position.Rent();
            try
            {
                fixed (Position* p = &position.Value)
                {
                    for (int i = 0; i < count; i++)
                    {
                        *p = new Position(i, p->Y, p[0].Z);
                    }

                    return p->X;
                }
            }
            finally
            {
                position.Dispose();
            }
        }

        public static IEnumerable<float> Lazily(int count)
        {
            for (int i = 0; i < count; i++)
            {
                float x;
                {
                    using var position = Position.Rent(new Position(i, 0, 0));
                    x = position.Value.X;
                }

                yield return x;
            }
        }

        public static async System.Threading.Tasks.Task<float> Later()
        {
            float x;
            using (var position = Position.Rent())
            {
                x = position.Value.X;
            }

            await System.Threading.Tasks.Task.Yield();
            return x;
        }
    }
}
